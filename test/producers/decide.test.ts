import { canonicalCommand } from '../../producers/canonical-command';
import { decide } from '../../producers/decide';
import { NO_USER, withEvent } from '../../producers/user-aggregate';
import type { UserCommand } from '../../shared/model/command';
import { SCHEMA_VERSION } from '../../shared/model/event';

const ADA = { name: 'Ada', email: 'ada@example.org' };
const envelope = { user: 'ada', intendedAt: 0, schemaVersion: SCHEMA_VERSION } as const;
const existing = withEvent(NO_USER, { ...envelope, id: 'e1', sequence: 1, type: 'UserCreated', data: ADA });
const deleted = withEvent(existing, { ...envelope, id: 'e2', sequence: 2, type: 'UserDeleted', data: {} });

const create: UserCommand = { type: 'create', user: 'ada', data: ADA };
const rename: UserCommand = { type: 'rename', user: 'ada', data: { name: 'Ada' } };
const changeEmail: UserCommand = { type: 'change-email', user: 'ada', data: { email: ADA.email } };
const credit: UserCommand = { type: 'credit', user: 'ada', data: { amount: 5 } };

describe('a decision', () => {
  it('creates a user that there is not, and refuses to create one that there is', () => {
    expect(decide(create, NO_USER, false)).toEqual({ kind: 'fact', fact: { type: 'UserCreated', data: ADA } });
    expect(decide(create, existing, false)).toEqual({ kind: 'refused', code: 'USER_EXISTS' });
  });

  it('changes nobody who is not there', () => {
    expect(decide(credit, NO_USER, false)).toEqual({ kind: 'refused', code: 'USER_NOT_FOUND' });
  });

  it('never gives the id of a deleted user again', () => {
    expect(decide(create, deleted, true)).toEqual({ kind: 'refused', code: 'USER_DELETED' });
    expect(decide(credit, deleted, true)).toEqual({ kind: 'refused', code: 'USER_DELETED' });
  });

  it('on what is the case already names the event that made it so, where the policy asks for that', () => {
    const renamed = withEvent(existing, {
      ...envelope,
      id: 'e2',
      sequence: 2,
      type: 'UserRenamed',
      data: { name: 'Ada' },
    });
    expect(decide(create, renamed, true)).toEqual({ kind: 'already', eventId: 'e1', sequence: 1 });
    expect(decide(rename, renamed, true)).toEqual({ kind: 'already', eventId: 'e2', sequence: 2 });
    expect(decide(changeEmail, renamed, true).kind).toBe('already');
    expect(decide(rename, renamed, false).kind).toBe('fact');
  });

  it('never takes two amounts for one', () => {
    expect(decide(credit, existing, true)).toEqual({
      kind: 'fact',
      fact: { type: 'UserCredited', data: { amount: 5 } },
    });
  });

  it('takes a creation with another name or e-mail for another one', () => {
    const other: UserCommand = { ...create, data: { ...ADA, name: 'Eve' } };
    expect(decide(other, existing, true)).toEqual({ kind: 'refused', code: 'USER_EXISTS' });
  });
});

describe('the canonical text of a command', () => {
  it('is the same however the fields were ordered, and differs with what they say', () => {
    const turned: UserCommand = { type: 'create', user: 'ada', data: { email: ADA.email, name: ADA.name } };
    expect(canonicalCommand(turned, null)).toBe(canonicalCommand(create, null));
    expect(canonicalCommand({ ...create, user: 'eve' }, null)).not.toBe(canonicalCommand(create, null));
    expect(canonicalCommand(create, 1)).not.toBe(canonicalCommand(create, null));
  });
});
