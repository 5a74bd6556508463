/** The read model as a fold of the log, written once more for tests: neither the store's code nor the checker's. */
import type { UserEvent, UserFields } from '../../shared/model/event';
import type { HistoryRecord } from '../../shared/model/history';

const NOBODY: UserFields = { name: null, email: null, balance: 0, deleted: false };

/** The fields of every user in the log of the history's main topic. */
export function foldOf(records: readonly HistoryRecord[]): ReadonlyMap<string, UserFields> {
  return foldOfEvents(
    records.flatMap((record) => {
      return record.stream === 'Log' && record.topic === 'users' && record.event !== null ? [record.event] : [];
    }),
  );
}

/** The fields of every user of these events, in their order. */
export function foldOfEvents(events: readonly UserEvent[]): ReadonlyMap<string, UserFields> {
  const users = new Map<string, UserFields>();
  for (const event of events) users.set(event.user, after(users.get(event.user) ?? NOBODY, event));
  return users;
}

function after(fields: UserFields, event: UserEvent): UserFields {
  switch (event.type) {
    case 'UserCreated':
      return { ...fields, ...event.data, deleted: false };
    case 'UserRenamed':
    case 'UserEmailChanged':
      return { ...fields, ...event.data };
    case 'UserCredited':
      return { ...fields, balance: fields.balance + event.data.amount };
    case 'UserDebited':
      return { ...fields, balance: fields.balance - event.data.amount };
    case 'UserDeleted':
      return { ...fields, name: null, email: null, deleted: true };
  }
}
