/** The decision: command and aggregate in, the fact that follows out. No port, no clock, no chance. */
import type { UserCommand } from '../shared/model/command';
import type { UserEvent } from '../shared/model/event';
import { unreachable } from '../shared/model/invariant';
import type { UserAggregate } from './user-aggregate';

/** An event before it has an id, a place and a time. */
export type Fact = UserEvent extends infer Event
  ? Event extends UserEvent
    ? Pick<Event, 'type' | 'data'>
    : never
  : never;

export type Decision =
  | { readonly kind: 'fact'; readonly fact: Fact }
  /** What is asked for is the case already, because of this event. */
  | { readonly kind: 'already'; readonly eventId: string; readonly sequence: number }
  | { readonly kind: 'refused'; readonly code: 'USER_EXISTS' | 'USER_NOT_FOUND' | 'USER_DELETED' };

/**
 * A deleted user stays deleted, and its id is not given again: an old message about the first must never reach a second.
 * Amounts have no such thing as the same meaning: two credits of 5
 * are 10.
 */
export function decide(command: UserCommand, user: UserAggregate, absorbsSameMeaning: boolean): Decision {
  if (user.isDeleted) return refused('USER_DELETED');
  if (user.version === 0 && command.type !== 'create') return refused('USER_NOT_FOUND');
  if (absorbsSameMeaning && isTheCase(command, user)) return alreadySince(command, user);
  switch (command.type) {
    case 'create':
      return user.version === 0 ? fact({ type: 'UserCreated', data: command.data }) : refused('USER_EXISTS');
    case 'rename':
      return fact({ type: 'UserRenamed', data: command.data });
    case 'change-email':
      return fact({ type: 'UserEmailChanged', data: command.data });
    case 'credit':
      return fact({ type: 'UserCredited', data: command.data });
    case 'debit':
      return fact({ type: 'UserDebited', data: command.data });
    case 'delete':
      return fact({ type: 'UserDeleted', data: command.data });
    default:
      return unreachable(command, 'command');
  }
}

/** The policy by command: which ones have a meaning that can be the case already. */
function isTheCase(command: UserCommand, { version, name, email }: UserAggregate): boolean {
  switch (command.type) {
    case 'create':
      return version > 0 && command.data.name === name && command.data.email === email;
    case 'rename':
      return command.data.name === name;
    case 'change-email':
      return command.data.email === email;
    default:
      return false;
  }
}

function alreadySince({ type }: UserCommand, { createdBy, lastEventId, version }: UserAggregate): Decision {
  if (type === 'create') return { kind: 'already', eventId: createdBy, sequence: 1 };
  return { kind: 'already', eventId: lastEventId, sequence: version };
}

function fact(decided: Fact): Decision {
  return { kind: 'fact', fact: decided };
}

function refused(code: Extract<Decision, { readonly kind: 'refused' }>['code']): Decision {
  return { kind: 'refused', code };
}
