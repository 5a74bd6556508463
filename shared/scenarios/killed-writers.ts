import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterCrash, WriterPoint } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const WRITER_COUNT = 3;
const KILLS_PER_WRITER = 7;
const USERS = usersNamed('user', 12);
const POINTS: readonly WriterPoint[] = ['after:append', 'before:append'];

const KILLS: readonly WriterCrash[] = Array.from({ length: WRITER_COUNT * KILLS_PER_WRITER }, (_, index) => ({
  ...{ writer: index % WRITER_COUNT, arrival: 3 + (index % 4), replaced: true },
  at: POINTS[index % POINTS.length] ?? 'after:append',
}));

const ROUNDS: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % WRITER_COUNT })),
  ...Array.from({ length: 30 }, (_, round) =>
    USERS.map((user, index) =>
      sent(`credit-${user}-${round}`, crediting(user, round), { writer: (index + round) % WRITER_COUNT }),
    ),
  ),
];

export const killedWriters: Scenario = {
  name: 'killed-writers',
  paragraph:
    'Three instances under load are killed seven times each, right before or right after an append, with somebody waiting for the answer every time, and each time another one takes the place. Clients ask again under the same key. Every command takes effect once, whatever the client got to hear.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: { ...writeSide(WRITER_COUNT, CAREFUL, ROUNDS), crashes: KILLS } },
    floors: { ...FLOORS, writerDeathCountMin: 20 },
  },
  expected: VALID,
};
