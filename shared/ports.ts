/**
 * The seams between orderlab's own code and the world. Adapters promise what stands here; test/contract proves it.
 * Whatever waits rejects with an OrderlabError whose table entry says if the outcome is definite or unknown.
 */
import type { LoggedEvent, StoreAnswer, StoreOperation } from './model/action';
import type { HistoryBody, MarkerBody, QuarantineBody, StateBody } from './model/history';
import type { Delivery, LogEntry, OutgoingMessage } from './model/message';
import type { MeterName } from './model/metric';
import type { EventRef, Point } from './model/plan';
import type { ProducerOptions } from './model/producer';
import type { SubscribeOptions, TopicStats } from './model/subscription';

/** Time as an argument. Monotonic where the world allows; never decides about correctness. */
export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}
/** Seeded chance. `stream` gives an independent generator per (purpose, entity), so one more draw shifts nothing else. */
export interface Random {
  /** 0 ≤ result < bound, bound ≤ 2^32. */ below(bound: number): number;
  stream(purpose: string, entity: string): Random;
}
/** Ids of events. Unique within a run; the same seed gives the same ids. */
export interface Ids {
  next(): string;
}
/** Where a process meets its fate. `reached` may stay pending for ever (a kill), wait (a gate), or answer `fail`. */
export interface Lifecycle {
  reached(point: Point, subject: EventRef): 'go' | Promise<'go' | 'fail'>;
  /** True once the process was asked to drain; `whenStopping` resolves then. */
  readonly stopping: boolean;
  readonly whenStopping: Promise<void>;
}

export interface Broker {
  /** Idempotent. partitionCount 0: a plain topic. Everything published is retained. */
  createTopic(topic: string, partitionCount: number): Promise<void>;
  /** Idempotent, from the earliest message. Call it before the first publish: nothing is delivered that came earlier. */
  createSubscription(topic: string, subscription: string): Promise<void>;
  /** Who wants to be alone may wait here. PRODUCER_BUSY: others are in the way, or one of the name is. */
  createProducer(topic: string, producerName: string, options?: ProducerOptions): Promise<Producer>;
  subscribe(options: SubscribeOptions): Promise<Consumer>;
  /**
   * Every entry from the earliest, or after the given position of each partition, to the tail at the time of the call
   * or a moment later, in order per partition: what is published meanwhile may be read too. No subscription is involved.
   */
  readLog(topic: string, after?: ReadonlyMap<number, number>): AsyncIterable<LogEntry>;
  stats(topic: string, subscription: string): Promise<TopicStats>;
  /** Closes what is still open. Idempotent. */
  close(): Promise<void>;
}
export interface Producer {
  /** Resolves with the message id when it is stored, in the order of calls. PRODUCER_FENCED: another one took the topic. */
  send(message: OutgoingMessage): Promise<string>;
  close(): Promise<void>;
}
export interface Consumer {
  /** The next message; null after close. At most receiverQueueSize messages wait here, unacknowledged. */
  receive(): Promise<Delivery | null>;
  /** Idempotent. Anyone's acknowledgement counts, whoever holds the message: it is no lock. */
  ack(messageId: string): Promise<void>;
  /** Asks for redelivery after the negative-ack delay. Later messages of the key overtake: never on an ordered path. */
  nack(messageId: string): Promise<void>;
  /** Orderly: acknowledgements are flushed first; unacknowledged messages go to other consumers. Idempotent. */
  close(): Promise<void>;
}

export interface Store {
  /** One atomic step on one user's record. A rejection with an unknown outcome may have taken effect. */
  execute(operation: StoreOperation): Promise<StoreAnswer>;
  /** What the store holds now, each user's state before the first idempotency key: who needs no key stops there. */
  dump(): AsyncIterable<StateBody | QuarantineBody | MarkerBody>;
  /** From 1; raised when it may have gone back in time: compare heads and repair. */ readonly generation: number;
  close(): Promise<void>;
}
/** The user's own history, read beside the subscription: repairs come from here. */
export interface EventLog {
  /** Events fromSequence..toSequence of the user that the log holds, in order, without doubles. */
  read(user: string, fromSequence: number, toSequence: number): Promise<readonly LoggedEvent[]>;
  /** Each user of the log with the highest sequence that stands there, as of the first `next`. */
  heads(): AsyncIterable<EventRef>;
}
/** What is recorded is on file before the action that it describes. */
export interface Recorder {
  record(body: HistoryBody): void;
}
/** Counters with closed label sets; never a user id, event id or error text. */
export interface Meter {
  count(name: MeterName, amount?: number): void;
}
