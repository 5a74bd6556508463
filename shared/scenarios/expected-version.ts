import type { UserCommand } from '../model/command';
import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);
const RIVALS = ['first', 'second', 'third'] as const;

const renaming = (user: string, name: string): UserCommand => ({ type: 'rename', user, data: { name } });

/**
 * Everybody who renames has read version 1 and says so; everybody who credits leaves it to the instance to decide on
 * whatever the version is.
 */
export const READ_AND_CHANGED: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % 3 })),
  USERS.flatMap((user) =>
    RIVALS.map((rival, writer) =>
      sent(`rename-${user}-${rival}`, renaming(user, rival), { writer, expectedVersion: 1 }),
    ),
  ),
  USERS.flatMap((user) =>
    RIVALS.map((rival, writer) => sent(`credit-${user}-${rival}`, crediting(user, 10), { writer })),
  ),
];

export const expectedVersion: Scenario = {
  name: 'expected-version',
  paragraph:
    'Three clients have read the same version of a user and each changes it. The first append wins; the others hear 412 with the version that stands now, and decide for themselves. Who names no version leaves that to the instance: it learns what it missed from the stream, decides again and tries again, so all three credits are booked. An instance that dies between append and answer makes nobody conflict with an attempt of its own.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(3, CAREFUL, READ_AND_CHANGED),
        crashes: [{ writer: 2, at: 'after:append', arrival: 8, replaced: false }],
      },
    },
    floors: { ...FLOORS, racedCommandCountMin: 24, writerDeathCountMin: 1 },
  },
  expected: VALID,
};
