/** The books of one run: turns records into moments, and keeps what is known about users and consumers. */
import type { UserEvent } from '../model/event';
import type {
  CauseBody,
  DelBody,
  EffBody,
  FaultBody,
  HeaderBody,
  HistoryRecord,
  LogBody,
  MarkerBody,
  PubBody,
  QuiescenceBody,
} from '../model/history';
import { ConsumerLedger, type Delivery, type Held, type ReturnCause } from './consumer-ledger';
import { standsAfter } from './message-order';
import type { Arrival, Moment, ReceivedMoment } from './moment';
import { Outages } from './outages';
import { RacedCommands } from './raced-commands';
import { UserLedger } from './user-ledger';

type Received = Extract<DelBody, { readonly type: 'received' }>;
type Answered = Extract<DelBody, { readonly type: 'answered' }>;
type Step = Exclude<DelBody, Received>;

export class RunLedger {
  readonly header: HeaderBody;
  readonly users = new Map<string, UserLedger>();
  readonly consumers = new Map<string, ConsumerLedger>();
  writerPauseCount = 0;
  relayDeathCount = 0;
  handoverCount = 0;
  readonly racedCommands = new RacedCommands();
  readonly outages = new Outages();
  quiescence: QuiescenceBody | null = null;

  publishedCount = 0;
  deliveredCount = 0;
  redeliveredCount = 0;
  absorbedCount = 0;
  parkedCount = 0;
  markerCount = 0;
  /** At least one idempotency key had a time to live: missing ones may have expired. */
  markersExpire = false;
  /** Distinct events with an effect. */
  appliedCount = 0;
  /** Effects that were the first of their event at their time: those that a store has forgotten count again. */
  effectCount = 0;
  /**
   * Answers `applied`, and what head audits applied: where the journal was lost with its store and nobody had followed
   * it, they are what is known.
   */
  appliedAnswerCount = 0;

  constructor(header: HeaderBody) {
    this.header = header;
  }

  /** Nothing moves any more, so what is missing is missing for good. Parked deliveries that nothing can move count. */
  get isDrained(): boolean {
    return this.quiescence !== null && this.quiescence.state !== 'deadline';
  }

  /** Errors of clocks in units of `order`; 0 where one counter orders the run. */
  get orderError(): number {
    return this.header.orderedBy === 'clock' ? this.header.clockErrorMs : 0;
  }

  /** Null: a record that changes the books at most. */
  observe(record: HistoryRecord): Moment | null {
    switch (record.stream) {
      case 'Del':
        return record.type === 'received' ? this.#receive(record, record.order) : this.#step(record, record.order);
      case 'Eff':
        return this.#effect(record);
      case 'Pub':
        return this.#publish(record);
      /** The laws of the write side keep their own books. */
      case 'Cmd':
        this.racedCommands.observe(record);
        return null;
      case 'App':
        if (record.type === 'grant' && record.epoch > 1) this.handoverCount += 1;
        return null;
      case 'Obs':
        return null;
      case 'Log':
        return this.#log(record);
      case 'State':
        return record.type === 'user' ? { kind: 'state', user: this.userOf(record.user), record } : null;
      case 'Markers':
        return this.#marker(record);
      case 'Cause':
        return this.#cause(record);
      case 'Fault':
        return this.#fault(record);
      case 'Run':
        if (record.type === 'quiescence') this.quiescence = record;
        if (record.type === 'audit') this.appliedAnswerCount += record.repairedCount;
        return null;
    }
  }

  userOf(name: string): UserLedger {
    let user = this.users.get(name);
    if (user === undefined) {
      user = new UserLedger(name);
      this.users.set(name, user);
    }
    return user;
  }

  consumerOf(name: string): ConsumerLedger {
    let consumer = this.consumers.get(name);
    if (consumer === undefined) {
      consumer = new ConsumerLedger(name);
      this.consumers.set(name, consumer);
    }
    return consumer;
  }

  isListened(event: UserEvent): boolean {
    const { listensTo } = this.header.context;
    return listensTo === null || listensTo.includes(event.type);
  }

  #receive(record: Received, order: number): Moment | null {
    if (record.topic !== this.header.topic) return null;
    const user = this.userOf(record.user);
    const consumer = this.consumerOf(record.consumer);
    const { sequence, messageId } = record;
    /** A consumer may hold one message twice (active, superseded, active again): its steps cannot be told apart. */
    const isFinal = consumer.deliveries.get(messageId)?.isFinal ?? false;
    const delivery: Delivery = { user, sequence, cameAgain: false, isFinal, isParked: false, wasParked: false };
    consumer.deliveries.set(messageId, delivery);
    consumer.deliveredCount += 1;
    this.deliveredCount += 1;
    if (sequence === null) return null;
    const moment = arrivalMoment(user, consumer, sequence, messageId, order);
    delivery.cameAgain = moment.arrival === 'repeat' || moment.arrival === 'again-published';
    if (moment.arrival === 'repeat') this.#countRepeat(moment.previous, consumer);
    user.delivered.add(sequence);
    if (moment.arrival !== 'repeat' && moment.arrival !== 'late') noteHighest(user, consumer, messageId, order);
    user.hold(heldBy(consumer, messageId, sequence, delivery, consumer.cause ?? this.outages.underWay));
    moment.overtaken = user.overtake(sequence, consumer);
    return moment;
  }

  #countRepeat(previous: Held | null, receiver: ConsumerLedger): void {
    this.redeliveredCount += 1;
    if (previous !== null && previous.holder !== receiver) previous.holder.takenOverCount += 1;
  }

  #step(record: Step, order: number): Moment {
    const user = this.userOf(record.user);
    const consumer = this.consumerOf(record.consumer);
    const delivery = consumer.deliveries.get(record.messageId) ?? null;
    if (record.type === 'answered') this.#answer(record, user, delivery);
    else if (delivery !== null) this.#handle(record, order, user, consumer, delivery);
    return { kind: 'step', order, record, user, consumer, delivery };
  }

  #answer(record: Answered, user: UserLedger, delivery: Delivery | null): void {
    const { sequence, outcome } = record;
    if (!isFinalAnswer(record)) return;
    if (delivery !== null) delivery.isFinal = true;
    if (outcome === 'applied') {
      this.appliedAnswerCount += 1;
      if (!this.header.audit && sequence !== null && user.applied.add(sequence)) this.appliedCount += 1;
      return;
    }
    if (outcome === 'noted' || outcome === 'conflict') return;
    this.absorbedCount += 1;
    if (sequence === null || user.applied.has(sequence)) return;
    if (outcome === 'stale') user.dropped.add(sequence);
    else user.skipped.add(sequence);
  }

  #handle(
    record: Exclude<Step, Answered>,
    order: number,
    user: UserLedger,
    consumer: ConsumerLedger,
    delivery: Delivery,
  ): void {
    switch (record.type) {
      case 'parked':
        if (!delivery.wasParked) this.parkedCount += 1;
        delivery.isParked = true;
        delivery.wasParked = true;
        return;
      case 'unparked':
        delivery.isParked = false;
        return;
      case 'quarantined':
        delivery.isFinal = true;
        if (record.sequence === null) user.unreadableQuarantined.add(record.messageId);
        else user.quarantined.add(record.sequence);
        return;
      case 'ack-intended':
        acknowledge(user, delivery, user.held.get(record.messageId));
        return;
      case 'ack-confirmed':
        consumer.deliveries.delete(record.messageId);
        user.acknowledgedOrder = order;
        if (this.outages.endedCount > 0) user.acknowledgedAfter.set(record.messageId, this.outages.endedCount);
        user.acknowledge(record.messageId);
        return;
      case 'nack-intended': {
        const held = user.held.get(record.messageId);
        consumer.deliveries.delete(record.messageId);
        if (held !== undefined && held.holder === consumer) user.mayReturn(held, 'nack');
        return;
      }
      case 'failed':
        return;
    }
  }

  #effect(record: EffBody): Moment | null {
    const user = this.userOf(record.user);
    if (record.type === 'rollback') {
      this.appliedCount -= user.rollBack(record.heldCount);
      return { kind: 'rollback', user };
    }
    const isHeld = user.heldToComeCount > 0;
    if (isHeld) user.heldToComeCount -= 1;
    if (record.type !== 'effect') return isHeld ? null : { kind: 'handler', record, user };
    const highest = user.applied.max;
    const above = user.applied.above(record.sequence);
    const isFirst = user.applied.add(record.sequence);
    if (isFirst) this.appliedCount += 1;
    if (isFirst && !isHeld) this.effectCount += 1;
    return isHeld ? { kind: 'held', record, user, isFirst } : { kind: 'effect', record, user, isFirst, highest, above };
  }

  #publish(record: PubBody): null {
    if (record.topic !== this.header.topic || record.type !== 'return' || record.outcome !== 'ok') return null;
    this.publishedCount += 1;
    this.userOf(record.user).published.add(record.sequence);
    return null;
  }

  #log(record: LogBody): Moment | null {
    const { event, topic } = record;
    if (topic === this.header.resultTopic)
      return event === null ? null : { kind: 'result', user: this.userOf(event.user), sequence: event.sequence };
    if (topic !== this.header.topic) return null;
    if (event === null) {
      this.userOf(record.key).unreadableLoggedCount += 1;
      return null;
    }
    const user = this.userOf(event.user);
    const highest = user.logged.max;
    const isFirst = user.logged.add(event.sequence);
    const isListened = this.isListened(event);
    if (!isListened) user.unlistened.add(event.sequence);
    if (!isFirst) user.isPublishedTwice = true;
    else if (event.sequence < highest) user.isOutOfSequence = true;
    return { kind: 'log', user, event, digest: record.digest, isFirst, highest, isListened };
  }

  #marker(record: MarkerBody): Moment {
    const user = this.userOf(record.user);
    this.markerCount += 1;
    if (record.expiresAtMs !== null) this.markersExpire = true;
    user.marked.add(record.sequence);
    return { kind: 'marker', user, record };
  }

  #cause(record: CauseBody): Moment | null {
    const consumer = this.consumerOf(record.consumer);
    if (record.type === 'crash') {
      consumer.unacknowledgedAtCrash = consumer.deliveries.size;
      giveBack(consumer, 'crash');
      consumer.deliveries.clear();
    }
    if (record.type === 'leave') giveBack(consumer, 'leave');
    if (this.header.topology.subscriptionType === 'failover') this.#switchActive(consumer);
    return record.type === 'join' ? null : { kind: 'gone', consumer };
  }

  #fault(record: FaultBody): Moment | null {
    if (record.type === 'struck' && record.fault === 'writer-crash') {
      this.racedCommands.die(record.consumer ?? '', record.user);
      return null;
    }
    if (record.type === 'struck' && (record.fault === 'relay-crash' || record.fault === 'writer-pause')) {
      if (record.fault === 'relay-crash') this.relayDeathCount += 1;
      else this.writerPauseCount += 1;
      return null;
    }
    if (record.type === 'missed') return { kind: 'missed', record };
    const outage = this.outages.observe(record);
    if (outage !== null) for (const consumer of this.consumers.values()) returnHeld(consumer, outage);
    if (record.type !== 'struck') return null;
    if (record.fault === 'pause' && record.consumer !== null) {
      const consumer = this.consumerOf(record.consumer);
      consumer.unacknowledgedAtCrash = consumer.deliveries.size;
      giveBack(consumer, 'pause');
    }
    return { kind: 'struck', record };
  }

  /**
   * A join or leave may move the active role of any partition, and the history does not say of which. So everything
   * that anyone holds, and what idle queues still hand out, may come again elsewhere.
   */
  #switchActive(trigger: ConsumerLedger): void {
    for (const consumer of this.consumers.values())
      if (consumer !== trigger && !consumer.isGone && consumer.deliveredCount > 0) giveBack(consumer, 'switch');
  }
}

/** What the books say about a delivery before it is entered. One plain literal: this is the busiest line of the checker. */
function arrivalMoment(
  user: UserLedger,
  consumer: ConsumerLedger,
  sequence: number,
  messageId: string,
  order: number,
): ReceivedMoment {
  const previous = user.held.get(messageId) ?? null;
  return {
    kind: 'received',
    order,
    user,
    consumer,
    sequence,
    messageId,
    arrival: arrivalOf(user, sequence, messageId, previous),
    previous,
    above: user.delivered.above(sequence),
    highestOrder: user.highestOrder,
    highestConsumer: user.highestConsumer,
    otherHolders: user.holdersBeside(consumer),
    overtaken: [],
  };
}

function heldBy(
  holder: ConsumerLedger,
  messageId: string,
  sequence: number,
  delivery: Delivery,
  cause: ReturnCause | null,
): Held {
  const isCounted = cause === null || cause === 'switch';
  return { messageId, sequence, holder, delivery, cause, isCounted, overtakenBy: null };
}

function arrivalOf(user: UserLedger, sequence: number, messageId: string, previous: Held | null): Arrival {
  if (previous !== null) return 'repeat';
  if (!user.delivered.has(sequence)) {
    const { max } = user.delivered;
    if (sequence < max) return 'late';
    return sequence === max + 1 ? 'fresh' : 'skip';
  }
  const isUnseen = user.highestMessageId !== null && standsAfter(messageId, user.highestMessageId);
  const hasTwin = [...user.held.values()].some((held) => held.sequence === sequence);
  return isUnseen || hasTwin ? 'again-published' : 'repeat';
}

function noteHighest(user: UserLedger, consumer: ConsumerLedger, messageId: string, order: number): void {
  user.highestMessageId = messageId;
  user.highestConsumer = consumer;
  user.highestOrder = order;
}

function isFinalAnswer(record: Answered): boolean {
  const { operation, outcome } = record;
  switch (operation) {
    case 'apply':
      /** A conflict ends in the quarantine: another event has the effect of this sequence. */
      return outcome !== 'gap';
    case 'check-marker':
    case 'claim-marker':
      return outcome === 'present';
    case 'quarantine':
      return outcome === 'noted';
    default:
      return false;
  }
}

function acknowledge(user: UserLedger, delivery: Delivery, held: Held | undefined): void {
  if (!delivery.isFinal && delivery.sequence !== null) user.acknowledgedEarly.add(delivery.sequence);
  if (held === undefined || held.delivery !== delivery) return;
  user.uncount(held);
}

function giveBack(consumer: ConsumerLedger, cause: ReturnCause): void {
  consumer.cause = cause;
  returnHeld(consumer, cause);
}

function returnHeld(consumer: ConsumerLedger, cause: ReturnCause): void {
  for (const held of consumer.held) held.delivery.user.mayReturn(held, cause);
}
