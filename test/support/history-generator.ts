/**
 * Generates clean histories: a tiny world that is right by construction, streamed record by record.
 *
 * Nothing of the simulated broker is in here: a judge's test bench that borrowed the accused's dispatch code would call
 * that code's mistakes clean. Users are owned by one consumer at a time (key-shared), all by one (exclusive, failover), or
 * nobody owns anything (shared). Crashes, joins, leaves, switches and negative acknowledgements give messages back.
 */
import type { HistoryBody, HistoryRecord } from '../../shared/model/history';
import type { SubscriptionType } from '../../shared/model/subscription';
import { applyOperation } from '../../shared/simulator/store-operation';
import type { UserRecord } from '../../shared/simulator/user-record';
import { appendOf, eventOf, type HeaderChoice, headerOf } from './history-builder';

export interface WorldChoice {
  readonly seed: number;
  readonly subscriptionType: SubscriptionType;
  readonly userCount: number;
  readonly eventCount: number;
  readonly consumerCount: number;
  /** Events between two changes of the consumers, about; 0: none. */
  readonly disturbanceInterval: number;
  /** One in so many deliveries is negatively acknowledged first; 0: none. */
  readonly nackInterval: number;
  readonly header?: HeaderChoice;
}

/** A message of one user: in the log and not acknowledged. */
interface Pending {
  readonly sequence: number;
  readonly messageId: string;
}

/** A delivery in a consumer's hands. */
interface Hand extends Pending {
  readonly user: GeneratedUser;
  readonly consumer: string;
  phase: 'received' | 'parked' | 'applied' | 'acknowledging';
}

class GeneratedUser {
  publishedCount = 0;
  /** Not in anybody's hands, ascending but for what was negatively acknowledged. */
  queue: Pending[] = [];
  owner: string | null = null;
  handCount = 0;
  record: UserRecord | null = null;
  constructor(readonly name: string) {}
}

/** mulberry32: enough for test data, and the same on every machine. */
function randomOf(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Which user the next event belongs to: drawn again, in the same order, when the log is read back. */
function* userIndexes({ seed, userCount, eventCount }: WorldChoice): Generator<number> {
  const below = randomOf(seed ^ 0x5eed);
  for (let count = 0; count < eventCount; count += 1) yield Math.min(below(userCount), below(userCount));
}

const IN_HAND_MAX = 40;

export function* generatedHistory(choice: WorldChoice): Generator<HistoryRecord> {
  yield* new GeneratedWorld(choice).run();
}

class GeneratedWorld {
  readonly #choice: WorldChoice;
  readonly #below: (bound: number) => number;
  readonly #users: GeneratedUser[];
  readonly #counters = new Map<string, number>();
  readonly #out: HistoryRecord[] = [];
  #order = 0;
  #live: string[] = [];
  #startedCount = 0;
  #hands: Hand[] = [];
  #publishedCount = 0;
  #results: [string, number][] = [];

  constructor(choice: WorldChoice) {
    this.#choice = choice;
    this.#below = randomOf(choice.seed);
    this.#users = Array.from({ length: choice.userCount }, (_, index) => new GeneratedUser(`u${index}`));
  }

  *run(): Generator<HistoryRecord> {
    const { subscriptionType, consumerCount, nackInterval, header } = this.#choice;
    const topology = { subscriptionType, consumerCount, partitionCount: 0, receiverQueueSize: 10 };
    const onFailure = nackInterval > 0 ? 'nack' : 'park';
    this.#write('supervisor', headerOf({ topology, strategy: 'version-next-park', ...header }, onFailure));
    for (let count = 0; count < consumerCount; count += 1) this.#join();
    yield* this.#work();
    for (const consumer of this.#live) this.#write(consumer, { stream: 'Run', type: 'end' });
    this.#write('supervisor', { stream: 'Run', type: 'quiescence', state: 'drained', backlog: 0, parked: 0 });
    yield* this.#flush();
    yield* this.#endStates();
  }

  *#work(): Generator<HistoryRecord> {
    const indexes = userIndexes(this.#choice);
    const { eventCount, disturbanceInterval } = this.#choice;
    while (this.#publishedCount < eventCount || this.#hands.length > 0 || this.#queued().length > 0) {
      const dice = this.#below(10);
      if (dice < 2) this.#publish(indexes);
      else if (dice < 5) this.#deliver();
      else this.#advance();
      if (disturbanceInterval > 0 && this.#below(disturbanceInterval * 6) === 0) this.#disturb();
      yield* this.#flush();
    }
  }

  *#flush(): Generator<HistoryRecord> {
    yield* this.#out;
    this.#out.length = 0;
  }

  #write(recorder: string, body: HistoryBody): void {
    const n = (this.#counters.get(recorder) ?? 0) + 1;
    this.#counters.set(recorder, n);
    this.#order += 1;
    this.#out.push({ ...body, recorder, n, order: this.#order });
  }

  #queuedUsers = new Set<GeneratedUser>();

  #queued(): readonly GeneratedUser[] {
    return this.#queuedUsers.size === 0 ? [] : [...this.#queuedUsers].slice(0, 30);
  }

  #enqueue(user: GeneratedUser, ...pending: readonly Pending[]): void {
    user.queue.push(...pending);
    if (user.queue.length > 0) this.#queuedUsers.add(user);
  }

  #publish(indexes: Iterator<number>): void {
    if (this.#queuedUsers.size > IN_HAND_MAX) return;
    const next = indexes.next();
    if (next.done === true) return;
    const user = this.#users[next.value];
    if (user === undefined) return;
    user.publishedCount += 1;
    const sequence = user.publishedCount;
    const messageId = `1:${this.#publishedCount}:-1`;
    this.#publishedCount += 1;
    const eventId = `${user.name}-${sequence}`;
    const facts = { stream: 'Pub', producer: 'p1', topic: 'events', eventId, user: user.name, sequence } as const;
    this.#write('producer', { ...facts, type: 'invoke' });
    this.#write('producer', { ...facts, type: 'return', outcome: 'ok', messageId });
    this.#enqueue(user, { sequence, messageId });
  }

  #deliver(): void {
    const users = this.#queued();
    const user = users[this.#below(Math.max(users.length, 1))];
    if (user === undefined) return;
    /** Parked deliveries wait for what is still queued, so they do not count. */
    if (this.#hands.filter(({ phase }) => phase !== 'parked').length >= IN_HAND_MAX) return;
    const consumer = this.#consumerFor(user);
    const pending = user.queue.shift();
    if (user.queue.length === 0) this.#queuedUsers.delete(user);
    if (pending === undefined) return;
    user.handCount += 1;
    const hand: Hand = { ...pending, user, consumer, phase: 'received' };
    this.#hands.push(hand);
    this.#write(consumer, {
      ...this.#facts(hand),
      ...{ type: 'received', topic: 'events', partition: -1, redeliveryCount: 0 },
      ...{ eventId: `${user.name}-${pending.sequence}`, digest: digestOf(user.name, pending.sequence) },
    });
  }

  #consumerFor(user: GeneratedUser): string {
    const { subscriptionType } = this.#choice;
    const any = this.#live[this.#below(this.#live.length)] as string;
    if (subscriptionType === 'shared') return any;
    if (subscriptionType !== 'key-shared') return this.#live[0] as string;
    /** A user moves only when nothing of it is in anybody's hands: draining. */
    if (user.owner === null || (user.handCount === 0 && this.#below(4) === 0)) user.owner = any;
    return user.owner;
  }

  /** Moves one delivery on: per user and consumer the earliest, since work on one user is serial. */
  #advance(): void {
    if (this.#hands.length === 0) return;
    const drawn = this.#hands[this.#below(this.#hands.length)] as Hand;
    const hand = this.#hands.find(
      ({ user, consumer, phase }) => user === drawn.user && consumer === drawn.consumer && phase !== 'parked',
    );
    if (hand === undefined) return;
    if (hand.phase === 'received') this.#start(hand);
    else if (hand.phase === 'applied') {
      hand.phase = 'acknowledging';
      this.#write(hand.consumer, { ...this.#facts(hand), type: 'ack-intended' });
    } else this.#confirm(hand);
  }

  #start(hand: Hand): void {
    const { nackInterval } = this.#choice;
    const version = hand.user.record?.version ?? 0;
    /** A message in two hands is not given back: whose step came later could not be told. */
    const isAlone = this.#hands.every((other) => other === hand || other.messageId !== hand.messageId);
    if (nackInterval > 0 && isAlone && hand.sequence > version && this.#below(nackInterval) === 0) {
      this.#write(hand.consumer, { ...this.#facts(hand), type: 'nack-intended' });
      const isLatest = this.#isLatest(hand);
      this.#drop(hand);
      if (isLatest) this.#enqueue(hand.user, hand);
    } else if (hand.sequence > version + 1) {
      hand.phase = 'parked';
      this.#answered(hand, 'gap', version);
      this.#write(hand.consumer, { ...this.#facts(hand), type: 'parked', reason: 'gap' });
    } else this.#apply(hand);
  }

  #apply(hand: Hand): void {
    const { user, sequence, consumer } = hand;
    const version = user.record?.version ?? 0;
    this.#store(user, { name: 'begin-handler', user: user.name, owner: consumer });
    const event = eventOf(user.name, sequence);
    const facts = { guard: 'next', setsMarker: true, markerTtlMs: null, changesModel: true } as const;
    const digest = digestOf(user.name, sequence);
    const outcome = this.#store(user, { name: 'apply', event, digest, owner: consumer, ...facts });
    this.#answered(hand, outcome, version);
    this.#store(user, { name: 'end-handler', user: user.name, owner: consumer });
    if (outcome === 'applied' && this.#choice.header?.resultTopic) this.#results.push([user.name, sequence]);
    hand.phase = 'applied';
    this.#unpark(user);
  }

  #store(user: GeneratedUser, operation: Parameters<typeof applyOperation>[1]): 'applied' | 'duplicate' {
    const after = applyOperation({ record: user.record, marker: null }, operation, 0);
    user.record = after.record;
    for (const body of after.journal) this.#write('store', body);
    return after.answer.outcome === 'duplicate' ? 'duplicate' : 'applied';
  }

  #unpark(user: GeneratedUser): void {
    const next = (user.record?.version ?? 0) + 1;
    for (const hand of this.#hands)
      if (hand.user === user && hand.phase === 'parked' && hand.sequence <= next) {
        this.#write(hand.consumer, { ...this.#facts(hand), type: 'unparked', because: 'predecessor-applied' });
        hand.phase = 'received';
      }
  }

  #answered(hand: Hand, outcome: 'applied' | 'duplicate' | 'gap', version: number): void {
    const markerPresent = outcome === 'duplicate';
    this.#write(hand.consumer, {
      ...this.#facts(hand),
      ...{ type: 'answered', operation: 'apply', outcome, version, markerPresent },
    });
  }

  #confirm(hand: Hand): void {
    this.#write(hand.consumer, { ...this.#facts(hand), type: 'ack-confirmed' });
    this.#drop(hand);
    if (this.#choice.subscriptionType === 'failover') this.#acknowledged.add(hand.messageId);
    /** Anyone's acknowledgement counts: a message given to another consumer meanwhile is gone from the queue. */
    const { user, messageId } = hand;
    user.queue = user.queue.filter((pending) => pending.messageId !== messageId);
    if (user.queue.length === 0) this.#queuedUsers.delete(user);
  }

  /** Messages acknowledged, where two consumers may hold the same one. */
  readonly #acknowledged = new Set<string>();

  /** Nobody else holds the message since, it is not acknowledged and does not wait to be delivered again. */
  #isLatest(hand: Hand): boolean {
    const latest = this.#hands.findLast(({ messageId }) => messageId === hand.messageId);
    if (latest !== hand || this.#acknowledged.has(hand.messageId)) return false;
    return !hand.user.queue.some(({ messageId }) => messageId === hand.messageId);
  }

  /** The new consumer becomes the active one. The old one goes on with what it holds, which comes again here. */
  #switchActive(): void {
    this.#live.unshift(...this.#live.splice(-1));
    for (const hand of this.#hands) if (this.#isLatest(hand)) this.#enqueue(hand.user, { ...hand });
    for (const { user } of this.#hands) user.queue.sort((one, other) => one.sequence - other.sequence);
  }

  #facts({ consumer, messageId, user, sequence }: Hand) {
    return { stream: 'Del', consumer, messageId, user: user.name, sequence } as const;
  }

  #drop(hand: Hand): void {
    this.#hands.splice(this.#hands.indexOf(hand), 1);
    hand.user.handCount -= 1;
  }

  #join(): void {
    this.#startedCount += 1;
    const consumer = `c${this.#startedCount}#1`;
    this.#live.push(consumer);
    this.#write('supervisor', { stream: 'Cause', type: 'join', consumer });
  }

  #disturb(): void {
    const kind = this.#below(3);
    if (kind === 0) this.#join();
    if (kind === 0 && this.#choice.subscriptionType === 'failover' && this.#below(2) === 0) this.#switchActive();
    const consumer = this.#live[this.#below(this.#live.length)] as string;
    if (kind === 0 || (kind === 1 && this.#live.length === 1)) return;
    if (kind === 1) this.#write(consumer, { stream: 'Run', type: 'end' });
    this.#live.splice(this.#live.indexOf(consumer), 1);
    this.#write('supervisor', { stream: 'Cause', type: kind === 1 ? 'leave' : 'crash', consumer });
    this.#giveBack(consumer, kind === 2);
    if (this.#live.length === 0) this.#join();
  }

  /** Everything unacknowledged comes again, in ascending order. The broker had the acknowledgement of some, unsaid. */
  #giveBack(consumer: string, isCrash: boolean): void {
    for (const hand of this.#hands.filter((other) => other.consumer === consumer)) {
      const isLatest = this.#isLatest(hand);
      this.#drop(hand);
      if (hand.user.owner === consumer) hand.user.owner = null;
      const reachedBroker = isCrash && hand.phase === 'acknowledging' && this.#below(2) === 0;
      if (reachedBroker) this.#acknowledged.add(hand.messageId);
      else if (isLatest) this.#enqueue(hand.user, hand);
      hand.user.queue.sort((one, other) => one.sequence - other.sequence);
    }
    for (const user of this.#users) if (user.owner === consumer) user.owner = null;
  }

  *#endStates(): Generator<HistoryRecord> {
    const sequences = new Map<number, number>();
    let position = 0;
    for (const index of userIndexes(this.#choice)) {
      const sequence = (sequences.get(index) ?? 0) + 1;
      sequences.set(index, sequence);
      this.#log('events', `u${index}`, sequence, position);
      position += 1;
      yield* this.#flush();
    }
    this.#results.forEach(([user, sequence], place) => {
      this.#log('results', user, sequence, place);
    });
    for (const user of this.#users) {
      yield* this.#flush();
      this.#state(user);
    }
    yield* this.#flush();
  }

  #log(topic: string, user: string, sequence: number, position: number): void {
    const event = eventOf(user, sequence);
    const facts = { stream: 'Log', type: 'entry', topic, partition: -1, position, reason: null } as const;
    const digest = digestOf(user, sequence);
    const hasWriters = this.#choice.header?.hasWriters === true;
    if (hasWriters && topic === 'events') this.#write('append', { ...appendOf(event), position: position + 1 });
    this.#write('log', { ...facts, messageId: `1:${position}:-1`, key: user, event, digest });
  }

  #state({ name: user, record }: GeneratedUser): void {
    if (record === null) return;
    const { fields, version, lastEventId, chain } = record;
    this.#write('store', { stream: 'State', type: 'user', user, fields, version, lastEventId, chain });
    for (let sequence = 1; sequence <= version; sequence += 1) {
      const eventId = `${user}-${sequence}`;
      this.#write('store', { stream: 'Markers', type: 'marker', user, eventId, sequence, expiresAtMs: null });
    }
  }
}

function digestOf(user: string, sequence: number): number {
  return (sequence * 7_919 + user.length * 104_729) % 2_147_483_647;
}
