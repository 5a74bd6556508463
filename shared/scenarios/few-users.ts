/** Few users: small listed workloads that tiny scenarios share. */
import type { ListedEvent } from '../model/plan';

/**
 * Two users whose sticky hashes belong to different consumers when c1 and c2 compete, so that both are busy.
 * A test holds this against the hash ranges.
 */
export const ON_FIRST_CONSUMER = 'ada';
export const ON_SECOND_CONSUMER = 'bob';

/** Four events of one user: created, credited, renamed, e-mail changed. Order shows in every field. */
export function fourEvents(user: string): readonly ListedEvent[] {
  return [
    { user, type: 'UserCreated', data: { name: user, email: `${user}@example.org` } },
    { user, type: 'UserCredited', data: { amount: 10 } },
    { user, type: 'UserRenamed', data: { name: `${user}-renamed` } },
    { user, type: 'UserEmailChanged', data: { email: `${user}@example.com` } },
  ];
}

/** The four events of several users, interleaved: first everybody's first, then everybody's second. */
export function interleaved(users: readonly string[]): readonly ListedEvent[] {
  const streams = users.map(fourEvents);
  return [0, 1, 2, 3].flatMap((index) => streams.flatMap((stream) => stream.slice(index, index + 1)));
}

/** Accounts that are opened, filled and debited: amounts add up in any order, but only once each. */
export function transfers(userCount: number, debitCount: number): readonly ListedEvent[] {
  const users = Array.from({ length: userCount }, (_, index) => `account-${index + 1}`);
  const opened = users.flatMap((user): readonly ListedEvent[] => [
    { user, type: 'UserCreated', data: { name: user, email: `${user}@example.org` } },
    { user, type: 'UserCredited', data: { amount: 1_000 } },
  ]);
  const debited = Array.from({ length: debitCount }, (_, index) =>
    users.map((user): ListedEvent => ({ user, type: 'UserDebited', data: { amount: index + 1 } })),
  );
  return [...opened, ...debited.flat()];
}

/** Enough users for the usual floors, the two named ones first. */
export const TWELVE_USERS: readonly string[] = [
  ON_FIRST_CONSUMER,
  ON_SECOND_CONSUMER,
  ...Array.from({ length: 10 }, (_, index) => `user-${index + 1}`),
];
