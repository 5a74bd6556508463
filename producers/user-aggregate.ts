/** The aggregate: what a writer knows of a user when it decides. Folded from the user's own stream, by the writer alone. */
import type { UserEvent } from '../shared/model/event';
import { unreachable } from '../shared/model/invariant';

export interface UserAggregate {
  /** Sequence of the last event; 0: the user was never created. */
  readonly version: number;
  readonly name: string;
  readonly email: string;
  readonly isDeleted: boolean;
  /** The event that created the user, and the one that came last; empty before the first. */
  readonly createdBy: string;
  readonly lastEventId: string;
}

/** A user of whom nobody has heard. */
export const NO_USER: UserAggregate = {
  ...{ version: 0, name: '', email: '', isDeleted: false, createdBy: '', lastEventId: '' },
};

/** What an event changes. Balances are the read model's affair: no decision asks for them. */
export function withEvent(user: UserAggregate, event: UserEvent): UserAggregate {
  const moved = { ...user, version: event.sequence, lastEventId: event.id };
  switch (event.type) {
    case 'UserCreated':
      return { ...moved, ...event.data, createdBy: event.id };
    case 'UserRenamed':
    case 'UserEmailChanged':
      return { ...moved, ...event.data };
    case 'UserCredited':
    case 'UserDebited':
      return moved;
    case 'UserDeleted':
      return { ...moved, isDeleted: true };
    default:
      return unreachable(event, 'event');
  }
}
