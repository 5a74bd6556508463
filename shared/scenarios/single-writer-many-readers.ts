import type { Scenario } from '../model/scenario';
import { CAREFUL, creating, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

export const singleWriterManyReaders: Scenario = {
  name: 'single-writer-many-readers',
  paragraph:
    'One writer and four consumers: whoever is alone has no rival, so nothing is ever added twice. It holds, and it has a price. When the writer dies in the middle of the creations nobody can be added, renamed or credited until another one has taken its place, which the run measures; the reads go on. The new one may not trust what it remembers, so it needs the same compare-and-swap as many would.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, consumerCount: 4 },
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(1, CAREFUL, [USERS.map((user) => sent(`create-${user}`, creating(user))), ...livesOf(USERS, 1)]),
        crashes: [{ writer: 0, at: 'after:append', arrival: 6, replaced: true }],
      },
    },
    floors: { ...FLOORS, writerDeathCountMin: 1 },
  },
  expected: VALID,
};
