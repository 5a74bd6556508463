/**
 * Actions: what a strategy asks its driver to do, and the answers that come back.
 *
 * The unions are closed and hold plain data, so that one strategy file runs under the projector, a simulator and an
 * exhaustive explorer alike. A store operation is atomic; it is specified as a pure function on the user's record
 * (simulator/store-operation.ts), which a Lua script must equal.
 */
import type { UserEvent } from './event';

/**
 * What `apply` checks in the same step in which it changes the model.
 * none: nothing. marker: the event's idempotency key is absent. newer: sequence above the stored version.
 * next: sequence equal to the stored version plus one.
 */
export type Guard = 'none' | 'marker' | 'newer' | 'next';

/** One atomic call on one user's record. */
export type StoreOperation =
  | {
      /** Change the model by one event and append the effect record, or do none of it. */
      readonly name: 'apply';
      readonly event: UserEvent;
      /** Digest of the payload, mixed into the user's chain hash. */
      readonly digest: number;
      readonly guard: Guard;
      /** Set the event's idempotency key in the same step (SETNX semantics). */
      readonly setsMarker: boolean;
      /** Milliseconds until that key expires; null: never. */
      readonly markerTtlMs: number | null;
      /** False for an event that this context does not listen to: the version advances, the fields stay. */
      readonly changesModel: boolean;
      /** The consumer incarnation that applies. */
      readonly owner: string;
    }
  /** Is the idempotency key there? Answers `present` or `absent`. */
  | { readonly name: 'check-marker'; readonly user: string; readonly eventId: string }
  /** SETNX. Answers `absent` when this call set the key, `present` when it was there. */
  | {
      readonly name: 'claim-marker';
      readonly user: string;
      readonly eventId: string;
      readonly sequence: number;
      readonly ttlMs: number | null;
    }
  /** SET. Answers `present`. */
  | {
      readonly name: 'set-marker';
      readonly user: string;
      readonly eventId: string;
      readonly sequence: number;
      readonly ttlMs: number | null;
    }
  /** Handler begin and end, counted in the store: the clock-free witness of overlap (X8). An end may answer `overlapped`. */
  | { readonly name: 'begin-handler'; readonly user: string; readonly owner: string }
  | { readonly name: 'end-handler'; readonly user: string; readonly owner: string }
  /** A message that no event can be read from: kept with its reason. Answers `noted`. */
  | { readonly name: 'quarantine'; readonly user: string; readonly messageId: string; readonly reason: string };

export type StoreOperationName = StoreOperation['name'];

/** What an atomic call answered. `version` is the user's version before the call, `markerPresent` likewise. */
export type StoreAnswer =
  | { readonly outcome: 'applied'; readonly version: number; readonly markerPresent: boolean }
  /** The event's effect is there already. */
  | { readonly outcome: 'duplicate'; readonly version: number; readonly markerPresent: boolean }
  /** Older than the stored version, and the guard does not know whether it was applied. */
  | { readonly outcome: 'stale'; readonly version: number; readonly markerPresent: boolean }
  /** One or more predecessors are missing. */
  | { readonly outcome: 'gap'; readonly version: number; readonly markerPresent: boolean }
  /** Another event stands at this sequence. */
  | { readonly outcome: 'conflict'; readonly version: number; readonly markerPresent: boolean }
  | { readonly outcome: 'present' }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'noted' }
  /** Noted, and another owner had begun on the user since this one did: two handlers of one user ran at the same time. */
  | { readonly outcome: 'overlapped' };

export type StoreOutcome = StoreAnswer['outcome'];

/** Why a delivery waits, unacknowledged. */
export type ParkReason = 'gap' | 'handler-failed';

/** How a delivery ended for its consumer. */
export type DeliveryOutcome = 'applied' | 'absorbed' | 'dropped' | 'quarantined' | 'returned';

/** What a strategy asks for. The driver performs exactly one at a time per delivery. */
export type Action =
  | { readonly kind: 'store'; readonly operation: StoreOperation }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  /**
   * Hold the delivery unacknowledged for at most `deadlineMs`, then answer `unparked`.
   * lane `free`: the user's next delivery goes on (a gap; an `applied` predecessor unparks earlier).
   * lane `held`: successors of the user wait (a failing handler is tried again).
   */
  | {
      readonly kind: 'park';
      readonly reason: ParkReason;
      readonly lane: 'free' | 'held';
      readonly deadlineMs: number;
    }
  /** Read the user's events fromSequence..toSequence from the log. Answers `log`. */
  | { readonly kind: 'read-log'; readonly user: string; readonly fromSequence: number; readonly toSequence: number }
  | { readonly kind: 'sleep'; readonly ms: number }
  /** Publish the result of this event to the derived topic. */
  | { readonly kind: 'publish'; readonly event: UserEvent }
  | { readonly kind: 'done'; readonly outcome: DeliveryOutcome };

/** An event read back from the log, with the digest of its payload. */
export interface LoggedEvent {
  readonly event: UserEvent;
  readonly digest: number;
}

/** What comes back for an action. */
export type Answer =
  | { readonly kind: 'store'; readonly answer: StoreAnswer }
  /** ack, nack, sleep or publish is done. */
  | { readonly kind: 'ok' }
  | { readonly kind: 'unparked'; readonly because: 'predecessor-applied' | 'deadline' }
  | { readonly kind: 'log'; readonly events: readonly LoggedEvent[] }
  /** The action failed. definite false: nobody knows whether it took effect. */
  | { readonly kind: 'failed'; readonly definite: boolean; readonly code: string };
