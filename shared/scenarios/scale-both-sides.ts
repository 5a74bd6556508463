import type { Scenario } from '../model/scenario';
import { CAREFUL, creating, crediting, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { ALWAYS, FLOORS, PLAN, VALID } from './defaults';

const FIRST = usersNamed('early', 12);
const SECOND = usersNamed('late', 12);

/** At first everybody asks one instance; then the commands of one user meet at three. */
const ROUNDS = [
  FIRST.map((user) => sent(`create-${user}`, creating(user))),
  ...livesOf(FIRST, 1),
  SECOND.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % 3 })),
  [...FIRST, ...SECOND].flatMap((user) =>
    [0, 1, 2].map((writer) => sent(`meet-${user}-${writer}`, crediting(user, 1), { writer })),
  ),
  ...livesOf(SECOND, 3),
];

export const scaleBothSides: Scenario = {
  name: 'scale-both-sides',
  paragraph:
    'Writers go from one to three and consumers from two to four to two, while commands come in. Whoever is asked decides under a compare-and-swap and whoever consumes applies only the next sequence, so neither side needs to know how many others there are.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, consumerCount: 2 },
    workload: { kind: 'commands', writeSide: writeSide(3, CAREFUL, ROUNDS) },
    faults: [
      ...[10, 20].map((appliedCountMin) => ({ kind: 'join' as const, when: { ...ALWAYS, appliedCountMin } })),
      ...[80, 110].map((appliedCountMin) => ({ kind: 'leave' as const, when: { ...ALWAYS, appliedCountMin } })),
    ],
    floors: { ...FLOORS, appliedAroundFaultMin: 10, racedCommandCountMin: 24 },
  },
  expected: VALID,
};
