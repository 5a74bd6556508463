/**
 * Moments: what laws look at. A record, enriched with what the ledgers knew just before it, so that no law keeps books
 * of its own about deliveries and effects.
 */
import type { UserEvent } from '../model/event';
import type { DelBody, EffBody, HistoryRecord, MarkerBody, MissedBody, StateBody, StruckBody } from '../model/history';
import type { ConsumerLedger, Delivery, Held } from './consumer-ledger';
import type { UserLedger } from './user-ledger';

/**
 * How a delivery relates to what was delivered before (anomalies 4). fresh: the next sequence. skip: above the next.
 * late: never delivered, and later ones were. repeat: delivered before. again-published: another message with an
 * event that was delivered before, which is the producer's doing and no redelivery.
 */
export type Arrival = 'fresh' | 'skip' | 'late' | 'repeat' | 'again-published';

export interface ReceivedMoment {
  readonly kind: 'received';
  readonly order: number;
  readonly user: UserLedger;
  readonly consumer: ConsumerLedger;
  readonly sequence: number;
  readonly messageId: string;
  readonly arrival: Arrival;
  /** Of a repeat: the message while it was unacknowledged; null when its acknowledgement had been confirmed. */
  readonly previous: Held | null;
  /** The smallest later sequence delivered before. */
  readonly above: number | null;
  /** Where the latest delivery of a higher sequence, or of this event, took place. */
  readonly highestOrder: number;
  readonly highestConsumer: ConsumerLedger | null;
  /** Other live consumers that hold unacknowledged messages of the user. */
  readonly otherHolders: readonly ConsumerLedger[];
  /** Awaited messages that this delivery has just overtaken. */
  overtaken: readonly Held[];
}

/** Whatever else a consumer did with a delivery. `delivery` null: it never received that message. */
export interface StepMoment {
  readonly kind: 'step';
  readonly order: number;
  readonly record: Exclude<DelBody, { readonly type: 'received' }>;
  readonly user: UserLedger;
  readonly consumer: ConsumerLedger;
  readonly delivery: Delivery | null;
}

export interface EffectMoment {
  readonly kind: 'effect';
  readonly record: Extract<EffBody, { readonly type: 'effect' }>;
  readonly user: UserLedger;
  /** False: the event had an effect before. */
  readonly isFirst: boolean;
  /** Highest sequence applied before, 0 without one. */
  readonly highest: number;
  /** Smallest later sequence applied before. */
  readonly above: number | null;
}

/** An effect said again: the store went back in time, and this is among what it still holds. */
export interface HeldMoment {
  readonly kind: 'held';
  readonly record: EffectMoment['record'];
  readonly user: UserLedger;
  /** False: the store holds two effects of the event. */
  readonly isFirst: boolean;
}

export interface HandlerMoment {
  readonly kind: 'handler';
  readonly record: Extract<EffBody, { readonly type: 'begin' } | { readonly type: 'end' }>;
  readonly user: UserLedger;
}

/** An entry of the judged topic with a readable event. */
export interface LogMoment {
  readonly kind: 'log';
  readonly user: UserLedger;
  readonly event: UserEvent;
  readonly digest: number;
  /** False: the event stands at an earlier position already. */
  readonly isFirst: boolean;
  /** Highest sequence logged before. */
  readonly highest: number;
  readonly isListened: boolean;
}

/** An entry of the result topic with a readable event. */
export interface ResultMoment {
  readonly kind: 'result';
  readonly user: UserLedger;
  readonly sequence: number;
}

export type Moment =
  | ReceivedMoment
  | StepMoment
  | EffectMoment
  | HeldMoment
  | HandlerMoment
  /** The store has forgotten some of the user; `held` moments follow. */
  | { readonly kind: 'rollback'; readonly user: UserLedger }
  | LogMoment
  | ResultMoment
  | { readonly kind: 'state'; readonly user: UserLedger; readonly record: StateBody }
  | { readonly kind: 'marker'; readonly user: UserLedger; readonly record: MarkerBody }
  | { readonly kind: 'gone'; readonly consumer: ConsumerLedger }
  | { readonly kind: 'struck'; readonly record: StruckBody }
  /** A planned fault had not struck when the run came to rest. */
  | { readonly kind: 'missed'; readonly record: MissedBody }
  /** Every record, for the law that counts them. */
  | { readonly kind: 'record'; readonly record: HistoryRecord };

export type MomentKind = Moment['kind'];
