/** What the store holds for one user, as plain data, and how it changes with one event. */
import type { UserEvent, UserFields } from '../model/event';
import { unreachable } from '../model/invariant';

/** A message kept aside. */
export interface Quarantined {
  readonly messageId: string;
  readonly reason: string;
}

/** One user's record. */
export interface UserRecord {
  readonly fields: UserFields;
  /** Sequence of the event applied last; 0: none. A guard decides whether it may fall. */
  readonly version: number;
  readonly lastEventId: string | null;
  /** Hash over all applied digests in their order: two histories of effects differ where their chains differ. */
  readonly chain: number;
  /** Owners whose handlers began and have not ended, in the order of their begins. A crashed owner never ends. */
  readonly open: readonly string[];
  readonly quarantine: readonly Quarantined[];
}

/** One idempotency key. */
export interface Marker {
  readonly sequence: number;
  /** Gone at this time (milliseconds of the store's clock) and later; null: never. */
  readonly expiresAtMs: number | null;
}

/** A user of whom the store has never heard. */
export const EMPTY_RECORD: UserRecord = {
  fields: { name: null, email: null, balance: 0, deleted: false },
  version: 0,
  lastEventId: null,
  chain: 0,
  open: [],
  quarantine: [],
};

/** The fold of the read model, total, in the words of UserFields (model/event.ts). */
export function foldEvent(fields: UserFields, event: UserEvent): UserFields {
  switch (event.type) {
    case 'UserCreated':
      return { ...fields, name: event.data.name, email: event.data.email, deleted: false };
    case 'UserRenamed':
      return { ...fields, name: event.data.name };
    case 'UserEmailChanged':
      return { ...fields, email: event.data.email };
    case 'UserCredited':
      return { ...fields, balance: fields.balance + event.data.amount };
    case 'UserDebited':
      return { ...fields, balance: fields.balance - event.data.amount };
    case 'UserDeleted':
      return { ...fields, name: null, email: null, deleted: true };
    default:
      return unreachable(event, 'event type');
  }
}

const CHAIN_FACTOR = 1_000_003;
/** Largest prime below 2^31: factor × chain stays below 2^53, so a Lua script computes the same chain in doubles. */
const CHAIN_MODULUS = 2_147_483_647;

/** The chain after one more effect. `digest` is a non-negative integer of at most 31 bits (wire.ts). */
export function nextChain(chain: number, digest: number): number {
  return (chain * CHAIN_FACTOR + digest + 1) % CHAIN_MODULUS;
}
