/**
 * Events: domain facts about one user. The union is closed; what does not fit it goes to quarantine.
 *
 * `sequence` is the position of the event in its user's stream, dense from 1. Density is what lets a
 * consumer tell a hole from a filtered stream, so nothing else in the lab is trusted for order.
 */

/** What every event carries, whatever happened. */
interface EventEnvelope {
  /** Identity of the fact; two messages with one id are the same fact published twice. */
  readonly id: string;
  /** The aggregate's id: also the message key. `^[A-Za-z0-9_-]{1,64}$`. */
  readonly user: string;
  /** Position in the user's stream, dense from 1. */
  readonly sequence: number;
  /** When the event was meant to be sent (epoch milliseconds), so that latency includes producer stalls. */
  readonly intendedAt: number;
  readonly schemaVersion: typeof SCHEMA_VERSION;
}

/** The only schema version this release reads and writes. */
export const SCHEMA_VERSION = 1;

export interface UserCreated extends EventEnvelope {
  readonly type: 'UserCreated';
  readonly data: { readonly name: string; readonly email: string };
}
export interface UserRenamed extends EventEnvelope {
  readonly type: 'UserRenamed';
  readonly data: { readonly name: string };
}
export interface UserEmailChanged extends EventEnvelope {
  readonly type: 'UserEmailChanged';
  readonly data: { readonly email: string };
}
/** Adds to a balance: not idempotent, so an effect that happens twice shows. */
export interface UserCredited extends EventEnvelope {
  readonly type: 'UserCredited';
  readonly data: { readonly amount: number };
}
export interface UserDebited extends EventEnvelope {
  readonly type: 'UserDebited';
  readonly data: { readonly amount: number };
}
export interface UserDeleted extends EventEnvelope {
  readonly type: 'UserDeleted';
  readonly data: Readonly<Record<never, never>>;
}

export type UserEvent = UserCreated | UserRenamed | UserEmailChanged | UserCredited | UserDebited | UserDeleted;
export type UserEventType = UserEvent['type'];

/**
 * The read model of one user: what folding the user's events gives. Before the first event: name null, email null,
 * balance 0, deleted false. The fold is total, whatever came before:
 * UserCreated sets name and email and sets deleted to false; the balance stays as it is.
 * UserRenamed sets name. UserEmailChanged sets email. Both do so for a deleted user too, and leave `deleted` alone.
 * UserCredited adds its amount to the balance, UserDebited subtracts it; a balance may be negative.
 * UserDeleted sets name to null, email to null and deleted to true; the balance stays.
 */
export interface UserFields {
  readonly name: string | null;
  readonly email: string | null;
  /** Sum of credits minus debits, in whole units. */
  readonly balance: number;
  /** A deleted user keeps its record (and its sequence), so that an old redelivery cannot resurrect it. */
  readonly deleted: boolean;
}
