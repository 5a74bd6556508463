import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

/** Every client sends each of its commands three times, each time to another instance. */
export const REPEATED: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % 3, sends: 3 })),
  USERS.map((user, index) => sent(`credit-${user}`, crediting(user, 10), { writer: index % 3, sends: 3 })),
];

export const repeatedRequest: Scenario = {
  name: 'repeated-request',
  paragraph:
    'Clients send every command three times under one idempotency key, each time to another of three instances. One instance is killed after its append and before its answer, another one before its append, so some of the answers are never heard and the commands are sent once more. The key is recorded in the step that appends: each command takes effect once, and every later request gets the first answer, as long as the record lives. What holds after that is shown by pruned-request.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(3, CAREFUL, REPEATED),
        crashes: [
          { writer: 0, at: 'after:append', arrival: 6, replaced: false },
          { writer: 1, at: 'before:append', arrival: 7, replaced: false },
        ],
      },
    },
    floors: { ...FLOORS, writerDeathCountMin: 2 },
  },
  expected: VALID,
};
