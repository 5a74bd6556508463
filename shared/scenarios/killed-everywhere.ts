import type { Fault, Point } from '../model/plan';
import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterCrash, WriterPoint } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { ALWAYS, FLOORS, PLAN, VALID } from './defaults';

const WRITER_COUNT = 3;
const KILLS_PER_WRITER = 4;
const CONSUMER_KILL_COUNT = 10;
const ROUND_COUNT = 40;
const USERS = usersNamed('user', 12);

const WRITER_POINTS: readonly WriterPoint[] = ['after:append', 'before:append'];
const WRITER_KILLS: readonly WriterCrash[] = Array.from({ length: WRITER_COUNT * KILLS_PER_WRITER }, (_, index) => ({
  ...{ writer: index % WRITER_COUNT, arrival: 3 + (index % 4), replaced: true },
  at: WRITER_POINTS[index % WRITER_POINTS.length] ?? 'after:append',
}));

/** Each with a delivery in hand, whoever it is, when so much more is applied than at the one before. */
const APPLIED_BETWEEN_KILLS = 25;
const CONSUMER_POINTS: readonly Point[] = ['after:receive', 'before:apply', 'after:apply', 'before:ack'];
const CONSUMER_KILLS: readonly Fault[] = Array.from({ length: CONSUMER_KILL_COUNT }, (_, index) => ({
  ...{ kind: 'crash', replaced: true },
  at: CONSUMER_POINTS[index % CONSUMER_POINTS.length] ?? 'after:apply',
  when: { ...ALWAYS, appliedCountMin: (index + 1) * APPLIED_BETWEEN_KILLS, unacknowledgedCountMin: 1 },
}));

const ROUNDS: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % WRITER_COUNT })),
  ...Array.from({ length: ROUND_COUNT }, (_, round) =>
    USERS.map((user, index) =>
      sent(`credit-${user}-${round}`, crediting(user, round), { writer: (index + round) % WRITER_COUNT }),
    ),
  ),
];

export const killedEverywhere: Scenario = {
  name: 'killed-everywhere',
  paragraph:
    'Both sides under load and under kills: twelve instances of the user service die with somebody waiting for the answer, right before or right after an append, and ten consumers die with a delivery in hand, before and after its effect. Each has a successor. No command is lost or done twice, no event is lost, doubled or swapped, and nobody had to know who else was alive.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, consumerCount: 3 },
    workload: { kind: 'commands', writeSide: { ...writeSide(WRITER_COUNT, CAREFUL, ROUNDS), crashes: WRITER_KILLS } },
    faults: CONSUMER_KILLS,
    floors: {
      ...FLOORS,
      writerDeathCountMin: WRITER_KILLS.length,
      appliedAroundFaultMin: USERS.length,
      unacknowledgedAtCrashMin: 1,
      redeliveriesPerCrashMin: 1,
    },
  },
  expected: VALID,
};
