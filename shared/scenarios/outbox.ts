import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterCrash } from '../model/write-side';
import { CAREFUL, creating, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

export const TOLD_ONCE: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % 3 })),
  ...livesOf(USERS, 3),
];

/** Between the two writes, where there are two. */
export const CRASHES: readonly WriterCrash[] = [
  { writer: 0, at: 'after:append', arrival: 6, replaced: false },
  { writer: 1, at: 'after:append', arrival: 10, replaced: false },
];

export const outbox: Scenario = {
  name: 'outbox',
  paragraph:
    'Two of three instances die right after their append. What they appended is published all the same: the log of the event store is the outbox, and a relay that anybody may run publishes it, in order and at least once. There is one write, so there is nothing between.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: { ...writeSide(3, CAREFUL, TOLD_ONCE), crashes: CRASHES } },
    floors: { ...FLOORS, writerDeathCountMin: 2 },
  },
  expected: VALID,
};
