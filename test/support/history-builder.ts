/**
 * Builds histories by hand: says who did what, in order; stamps, log, states and idempotency keys follow from that.
 *
 * Effects go through the store's own specification, so a built history cannot disagree with it about versions and chains.
 */

import type { StoreOperation, StoreOutcome } from '../../shared/model/action';
import type { Grant } from '../../shared/model/authority';
import type { UserEvent } from '../../shared/model/event';
import { guaranteesOf } from '../../shared/model/guarantee';
import type {
  AppBody,
  FaultBody,
  HeaderBody,
  HistoryBody,
  HistoryRecord,
  KeptBody,
  MissedBody,
  QuiescenceBody,
} from '../../shared/model/history';
import type { Floors } from '../../shared/model/plan';
import type { StrategyName } from '../../shared/model/strategy';
import { FLOORS } from '../../shared/scenarios/defaults';
import { applyOperation } from '../../shared/simulator/store-operation';
import type { Marker, UserRecord } from '../../shared/simulator/user-record';

export const NO_FLOORS: Floors = {
  ...{ ...FLOORS, consumerCountMin: 0, consumerShareMin: 0, contendedUserCountMin: 0 },
  everyEventDelivered: false,
};

type Header = Omit<HeaderBody, 'guarantees' | 'strategy'> & { readonly strategy: StrategyName };

const HEADER: Header = {
  stream: 'Run',
  type: 'header',
  format: 1,
  scenario: 'by-hand',
  seed: '1',
  planHash: '0',
  topic: 'events',
  resultTopic: null,
  topology: { subscriptionType: 'key-shared', consumerCount: 2, partitionCount: 0, receiverQueueSize: 100 },
  strategy: 'version-next-repair',
  claim: 'order+once',
  floors: NO_FLOORS,
  context: { listensTo: null, unlistened: 'advance', identity: 'event' },
  idempotencyKeys: true,
  audit: true,
  acknowledgements: 'counted',
  orderedBy: 'counter',
  clockErrorMs: 0,
  versions: {},
};

export type HeaderChoice = Partial<Omit<Header, 'stream' | 'type'>> & {
  /** Events come from commands: what writers decided is in the history too. */
  readonly hasWriters?: boolean;
};

export function headerOf(choice: HeaderChoice = {}, onFailure: 'park' | 'nack' = 'park'): HeaderBody {
  const { hasWriters = false, ...chosen } = choice;
  const header = { ...HEADER, ...chosen };
  const resultTopic = header.resultTopic !== null;
  return { ...header, guarantees: guaranteesOf({ ...header, onFailure, resultTopic, hasWriters }) };
}

/** A message of the log: what it carries and where it stands. */
interface Message {
  readonly messageId: string;
  readonly event: UserEvent;
  readonly digest: number;
}

export class HistoryBuilder {
  readonly header: HeaderBody;
  readonly records: HistoryRecord[] = [];
  /** What the event store holds otherwise than published, by event id; null: it holds nothing of it. */
  readonly appends = new Map<string, Partial<AppBody> | null>();
  /** What it holds besides. */
  readonly extraAppends: AppBody[] = [];
  /** Who was granted a shard, and behind how many entries. */
  readonly grants: Grant[] = [];
  readonly #messages: Message[] = [];
  readonly #results: UserEvent[] = [];
  readonly #unreadable: { readonly messageId: string; readonly user: string }[] = [];
  readonly #userRecords = new Map<string, UserRecord>();
  readonly #markers = new Map<string, Marker & { readonly user: string; readonly eventId: string }>();
  /** What was done to each user, so that the store can go back to a part of it. */
  readonly #operations = new Map<string, StoreOperation[]>();
  readonly #counters = new Map<string, number>();
  readonly #ended = new Set<string>();

  constructor(choice: HeaderChoice = {}, onFailure: 'park' | 'nack' = 'park') {
    this.header = headerOf(choice, onFailure);
    this.record('supervisor', this.header);
  }

  record(recorder: string, body: HistoryBody): this {
    const n = (this.#counters.get(recorder) ?? 0) + 1;
    this.#counters.set(recorder, n);
    this.records.push({ ...body, recorder, n, order: this.records.length + 1 });
    return this;
  }

  /** Publishes the user's next events, or the given sequence once more. */
  publish(user: string, ...sequences: readonly number[]): this {
    for (const sequence of sequences) this.publishEvent(eventOf(user, sequence));
    return this;
  }

  publishEvent(event: UserEvent): this {
    const { messageId } = this.#store(event);
    return this.published(event.user, event.sequence, messageId, event.id);
  }

  /** Publishes another event at a place that is taken: its id differs, and nothing else. */
  publishRival(user: string, sequence: number): this {
    return this.publishEvent({ ...eventOf(user, sequence), id: `${user}-${sequence}-rival` });
  }

  /** Puts a message into the log that nobody sent. */
  smuggled(user: string, sequence: number): this {
    this.#store(eventOf(user, sequence));
    return this;
  }

  #store(event: UserEvent): Message {
    const message = { messageId: `1:${this.#messages.length}:-1`, event, digest: digestOf(event) };
    this.#messages.push(message);
    return message;
  }

  /** Records a publish without storing anything. */
  published(user: string, sequence: number, messageId: string, eventId = eventOf(user, sequence).id): this {
    const facts = { stream: 'Pub', producer: 'p1', topic: 'events', eventId, user, sequence } as const;
    this.record('producer', { ...facts, type: 'invoke' });
    return this.record('producer', { ...facts, type: 'return', outcome: 'ok', messageId });
  }

  /** A message that no event can be read from; `consumer` null: it reaches nobody. */
  unreadable(user: string, sequence: number, consumer: string | null): this {
    const messageId = `3:${sequence}:-1`;
    this.#unreadable.push({ messageId, user });
    this.published(user, sequence, messageId);
    if (consumer === null) return this;
    const facts = { stream: 'Del', consumer, messageId, user, sequence: null } as const;
    const arrival = { topic: 'events', partition: -1, redeliveryCount: 0, eventId: null, digest: 1 };
    this.record(consumer, { ...facts, type: 'received', ...arrival });
    this.record(consumer, { ...facts, type: 'quarantined', reason: 'not-json' });
    this.record(consumer, { ...facts, type: 'ack-intended' });
    return this.record(consumer, { ...facts, type: 'ack-confirmed' });
  }

  join(consumer: string): this {
    return this.record('supervisor', { stream: 'Cause', type: 'join', consumer });
  }

  leave(consumer: string): this {
    this.end(consumer);
    return this.record('supervisor', { stream: 'Cause', type: 'leave', consumer });
  }

  crash(consumer: string): this {
    this.#ended.add(consumer);
    return this.record('supervisor', { stream: 'Cause', type: 'crash', consumer });
  }

  struck(fault: FaultBody['fault'], consumer: string | null): this {
    const nowhere = { at: null, user: null, sequence: null };
    return this.record('supervisor', { stream: 'Fault', type: 'struck', fault, consumer, ...nowhere });
  }

  /** The broker must keep what was acknowledged up to this event's message. */
  kept(fault: KeptBody['fault'], user: string, sequence: number): this {
    const positions = [this.#messageOf(user, sequence, 0).messageId];
    return this.record('supervisor', { stream: 'Fault', type: 'kept', fault, positions });
  }

  faultEnded(fault: KeptBody['fault'], consumer: string | null = null): this {
    return this.record('supervisor', { stream: 'Fault', type: 'ended', fault, consumer });
  }

  missed(fault: MissedBody['fault'], at: MissedBody['at'] = null): this {
    return this.record('supervisor', { stream: 'Fault', type: 'missed', fault, at });
  }

  received(consumer: string, user: string, sequence: number, twin = 0): this {
    const { messageId, event, digest } = this.#messageOf(user, sequence, twin);
    return this.record(consumer, {
      ...{ stream: 'Del', type: 'received', consumer, messageId, user, sequence },
      ...{ topic: 'events', partition: -1, redeliveryCount: 0, eventId: event.id, digest },
    });
  }

  /** The store applies without a guard: what a strategy would have refused can be built too. */
  applied(
    consumer: string,
    user: string,
    sequence: number,
    setsMarker = this.header.idempotencyKeys,
    movesVersionOnly = false,
  ): this {
    const { event, digest } = this.#messageOf(user, sequence, 0);
    const changesModel = this.#isListened(event) && !movesVersionOnly;
    const guard = 'none';
    const markerTtlMs = null;
    this.execute({ name: 'apply', event, digest, guard, setsMarker, markerTtlMs, changesModel, owner: consumer });
    return this.answered(consumer, user, sequence, 'apply', 'applied');
  }

  /** The head audit applies what is missing from the log. */
  repaired(user: string, sequence: number): this {
    const { event, digest } = this.#messageOf(user, sequence, 0);
    const rest = { setsMarker: this.header.idempotencyKeys, markerTtlMs: null, changesModel: true, owner: 'auditor' };
    this.execute({ name: 'apply', event, digest, guard: 'next', ...rest });
    return this;
  }

  answered(
    consumer: string,
    user: string,
    sequence: number,
    operation: StoreOperation['name'],
    outcome: StoreOutcome,
    markerPresent: boolean | null = null,
    twin = 0,
  ): this {
    const { messageId } = this.#messageOf(user, sequence, twin);
    const facts = { stream: 'Del', type: 'answered', consumer, messageId, user, sequence } as const;
    return this.record(consumer, { ...facts, operation, outcome, version: null, markerPresent });
  }

  /** A marker operation with its answer. */
  marker(consumer: string, user: string, sequence: number, name: 'check-marker' | 'claim-marker' | 'set-marker'): this {
    const eventId = eventOf(user, sequence).id;
    const operation =
      name === 'check-marker' ? { name, user, eventId } : { name, user, eventId, sequence, ttlMs: null };
    return this.answered(consumer, user, sequence, name, this.execute(operation));
  }

  step(
    consumer: string,
    user: string,
    sequence: number,
    type: 'ack-intended' | 'ack-confirmed' | 'nack-intended',
    twin = 0,
  ): this {
    const { messageId } = this.#messageOf(user, sequence, twin);
    return this.record(consumer, { stream: 'Del', type, consumer, messageId, user, sequence });
  }

  parked(consumer: string, user: string, sequence: number): this {
    const { messageId } = this.#messageOf(user, sequence, 0);
    const facts = { stream: 'Del', type: 'parked', consumer, messageId, user, sequence } as const;
    return this.record(consumer, { ...facts, reason: 'gap' });
  }

  acked(consumer: string, user: string, sequence: number, twin = 0): this {
    this.step(consumer, user, sequence, 'ack-intended', twin);
    return this.step(consumer, user, sequence, 'ack-confirmed', twin);
  }

  /** The witness of overlap. */
  begin(owner: string, user: string): this {
    this.execute({ name: 'begin-handler', user, owner });
    return this;
  }

  finishHandler(owner: string, user: string): this {
    this.execute({ name: 'end-handler', user, owner });
    return this;
  }

  /** The whole life of an ordinary delivery, with the witness of overlap. */
  handled(consumer: string, user: string, ...sequences: readonly number[]): this {
    for (const sequence of sequences) {
      this.received(consumer, user, sequence);
      this.begin(consumer, user).applied(consumer, user, sequence).finishHandler(consumer, user);
      this.acked(consumer, user, sequence);
    }
    return this;
  }

  result(user: string, ...sequences: readonly number[]): this {
    for (const sequence of sequences) this.#results.push(eventOf(user, sequence));
    return this;
  }

  /** Performs a store operation and journals what it journals. */
  execute(operation: StoreOperation): StoreOutcome {
    const { user } = operation.name === 'apply' ? operation.event : operation;
    const eventId = operation.name === 'apply' ? operation.event.id : 'eventId' in operation ? operation.eventId : '';
    const marker = this.#markers.get(eventId) ?? null;
    const after = applyOperation({ record: this.#userRecords.get(user) ?? null, marker }, operation, 0);
    if (after.record !== null) this.#userRecords.set(user, after.record);
    if (after.marker !== null && eventId !== '') this.#markers.set(eventId, { ...after.marker, user, eventId });
    for (const body of after.journal) this.record('store', body);
    this.#operations.set(user, [...(this.#operations.get(user) ?? []), operation]);
    return after.answer.outcome;
  }

  /** The store forgets all of the user but its first effects, and what happened before the next one. */
  rollback(user: string, heldEffectCount: number): this {
    const operations = this.#operations.get(user) ?? [];
    const isEffect = ({ name }: StoreOperation): boolean => name === 'apply';
    const forgotten = operations.filter(isEffect)[heldEffectCount];
    const held = operations.slice(0, forgotten === undefined ? undefined : operations.indexOf(forgotten));
    this.#operations.delete(user);
    this.#userRecords.delete(user);
    for (const [eventId, marker] of this.#markers) if (marker.user === user) this.#markers.delete(eventId);
    const heldCount = held.filter(({ name }) => ['apply', 'begin-handler', 'end-handler'].includes(name)).length;
    this.record('store', { stream: 'Eff', type: 'rollback', user, heldCount });
    for (const operation of held) this.execute(operation);
    return this;
  }

  end(consumer: string): this {
    this.#ended.add(consumer);
    return this.record(consumer, { stream: 'Run', type: 'end' });
  }

  /** Ends what is still running, then writes quiescence, log, states and idempotency keys. */
  finish(state: QuiescenceBody['state'] = 'drained'): readonly HistoryRecord[] {
    for (const recorder of this.#counters.keys())
      if (recorder.includes('#') && !this.#ended.has(recorder)) this.end(recorder);
    this.record('supervisor', { stream: 'Run', type: 'quiescence', state, backlog: 0, parked: 0 });
    if (this.header.guarantees.W1 !== 'not-applicable') this.#recordAppends();
    this.#messages.forEach(({ messageId, event, digest }, position) => {
      this.#log('events', position, messageId, event, digest);
    });
    this.#unreadable.forEach(({ messageId, user: key }, index) => {
      const facts = { stream: 'Log', type: 'entry', topic: 'events', partition: -1, messageId } as const;
      const position = this.#messages.length + index;
      this.record('log', { ...facts, position, key, event: null, digest: 1, reason: 'not-json' });
    });
    const { resultTopic } = this.header;
    if (resultTopic !== null)
      this.#results.forEach((event, position) => {
        this.#log(resultTopic, position, `2:${position}:-1`, event, digestOf(event));
      });
    for (const [user, { fields, version, lastEventId, chain }] of this.#userRecords)
      this.record('store', { stream: 'State', type: 'user', user, fields, version, lastEventId, chain });
    for (const { user, eventId, sequence, expiresAtMs } of this.#markers.values())
      this.record('store', { stream: 'Markers', type: 'marker', user, eventId, sequence, expiresAtMs });
    return this.records;
  }

  /** What writers appended is what was published, unless a change says otherwise. */
  #recordAppends(): void {
    const published = this.#messages.map(({ event }) => appendOf(event));
    const bodies = published.flatMap((body) => {
      const change = this.appends.get(body.eventId);
      return change === null ? [] : [{ ...body, ...change }];
    });
    for (const [index, body] of [...bodies, ...this.extraAppends].entries()) {
      for (const grant of this.grants.filter(({ after }) => after === index))
        this.record('append', { stream: 'App', type: 'grant', ...grant });
      this.record('append', { ...body, position: index + 1 });
    }
  }

  #log(topic: string, position: number, messageId: string, event: UserEvent, digest: number): void {
    const facts = { stream: 'Log', type: 'entry', topic, partition: -1, position, messageId } as const;
    this.record('log', { ...facts, key: event.user, event, digest, reason: null });
  }

  #messageOf(user: string, sequence: number, twin: number): Message {
    const found = this.#messages.filter(({ event }) => event.user === user && event.sequence === sequence)[twin];
    if (found !== undefined) return found;
    /** Nobody published it: the twin of a phantom. */
    const event = eventOf(user, sequence);
    return { messageId: `9:${sequence}:-1`, event, digest: digestOf(event) };
  }

  #isListened(event: UserEvent): boolean {
    const { listensTo } = this.header.context;
    return listensTo === null || listensTo.includes(event.type);
  }
}

/** A user's events: created, then credits of different amounts, so that order and repetition show. */
export function eventOf(user: string, sequence: number): UserEvent {
  const envelope = { id: `${user}-${sequence}`, user, sequence, intendedAt: 0, schemaVersion: 1 } as const;
  if (sequence === 1) return { ...envelope, type: 'UserCreated', data: { name: user, email: `${user}@example.org` } };
  if (sequence % 3 === 0) return { ...envelope, type: 'UserEmailChanged', data: { email: `${user}${sequence}@x.org` } };
  return { ...envelope, type: 'UserCredited', data: { amount: sequence * 10 } };
}

/** The append that led to an event: each by a command of its own, decided on the version before it. */
export function appendOf(event: UserEvent): AppBody {
  const { id: eventId, user, sequence, type } = event;
  const email = event.type === 'UserCreated' || event.type === 'UserEmailChanged' ? event.data.email : null;
  const facts = { stream: 'App', type: 'entry', position: 1, user, sequence, eventId, email } as const;
  return { ...facts, event: type, readVersion: sequence - 1, command: `make-${eventId}`, writer: 'w1' };
}

function digestOf({ user, sequence }: UserEvent): number {
  return (sequence * 7_919 + user.length * 104_729) % 2_147_483_647;
}
