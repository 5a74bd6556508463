/**
 * The checker's own fold of a user's log. It shares nothing with the store or the consumers: a judge that folds with the
 * code of the accused agrees with its bugs.
 */
import type { UserEvent, UserFields } from '../model/event';
import { unreachable } from '../model/invariant';

/** What the read model should hold after the events folded so far. */
export interface LogFold {
  readonly fields: UserFields;
  readonly version: number;
  readonly chain: number;
}

export const NOTHING_FOLDED: LogFold = {
  fields: { name: null, email: null, balance: 0, deleted: false },
  version: 0,
  chain: 0,
};

/** Multiplier and modulus of the chain hash: products stay below 2^53, so that doubles compute it exactly. */
const CHAIN_FACTOR = 1_000_003;
const CHAIN_MODULUS = 2_147_483_647;

/** `changesFields` false: an event that the context does not listen to moves version and chain only. */
export function foldNext(fold: LogFold, event: UserEvent, digest: number, changesFields: boolean): LogFold {
  return {
    fields: changesFields ? withEvent(fold.fields, event) : fold.fields,
    version: event.sequence,
    chain: (fold.chain * CHAIN_FACTOR + digest + 1) % CHAIN_MODULUS,
  };
}

function withEvent(fields: UserFields, event: UserEvent): UserFields {
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
      return unreachable(event, 'event');
  }
}
