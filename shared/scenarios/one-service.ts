import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, crediting, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { ALWAYS, PLAN, TINY_CRASH_FLOORS, VALID } from './defaults';

const WRITER_COUNT = 3;
const USERS = usersNamed('user', 12);
const RIVALS = ['first', 'second', 'third'] as const;

/** Under load: every command has a rival on the same user at another instance. */
export const LOAD: readonly CommandRound[] = [
  USERS.flatMap((user) =>
    RIVALS.map((rival, writer) =>
      sent(`create-${user}-${rival}`, creating(user, `${user}-${rival}@example.org`), { writer }),
    ),
  ),
  USERS.flatMap((user) =>
    RIVALS.map((rival, writer) => sent(`credit-${user}-${rival}`, crediting(user, 10), { writer })),
  ),
  ...livesOf(USERS, WRITER_COUNT),
];

/** One consumer dies between effect and acknowledgement. */
export const CONSUMER_CRASH: Scenario['plan']['faults'] = [
  {
    kind: 'crash',
    at: 'after:apply',
    when: { ...ALWAYS, appliedCountMin: 20, unacknowledgedCountMin: 1 },
    replaced: true,
  },
];

export const oneService: Scenario = {
  name: 'one-service',
  paragraph:
    'The whole service, scaled: three instances take commands that meet on every user, and consumers project what they decide. One instance is killed between its append and its answer, and one consumer between effect and acknowledgement. Compare-and-swap, request records and the outbox are one step, and so are sequence and effect: every user exists once, and every event took effect once.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(WRITER_COUNT, CAREFUL, LOAD),
        crashes: [{ writer: 0, at: 'after:append', arrival: 20, replaced: false }],
      },
    },
    faults: CONSUMER_CRASH,
    floors: { ...TINY_CRASH_FLOORS, contendedUserCountMin: 10, racedCommandCountMin: 24, writerDeathCountMin: 1 },
  },
  expected: VALID,
};
