import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const WRITER_COUNT = 3;
const RIVALS = ['first', 'second', 'third'] as const;
/** One id, three clients, three instances; every client means another person. */
const SAME_ID = usersNamed('user', 12);
/** Three ids, one e-mail. */
const SAME_EMAIL = usersNamed('mail', 6);

/** Everybody at once. */
export const RACE: CommandRound = [
  ...SAME_ID.flatMap((user) =>
    RIVALS.map((rival, writer) =>
      sent(`create-${user}-${rival}`, creating(user, `${user}-${rival}@example.org`), { writer }),
    ),
  ),
  ...SAME_EMAIL.flatMap((name) =>
    RIVALS.map((rival, writer) =>
      sent(`create-${name}-${rival}`, creating(`${name}-${rival}`, `${name}@example.org`), { writer }),
    ),
  ),
];

export const racingCreators: Scenario = {
  name: 'racing-creators',
  paragraph:
    'The user service runs three times, and three clients create the same user at the same moment, each at another instance; others race for one e-mail under different ids. The append compares the version that was read and claims the e-mail in the same step. So one creation is accepted, and every loser hears a definite 409 that names the winner.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: writeSide(WRITER_COUNT, CAREFUL, [RACE, ...livesOf(SAME_ID, WRITER_COUNT)]),
    },
    floors: { ...FLOORS, racedCommandCountMin: SAME_ID.length * 2 },
  },
  expected: VALID,
};
