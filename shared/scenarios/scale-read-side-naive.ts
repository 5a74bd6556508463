import type { Scenario } from '../model/scenario';
import { ALWAYS, FLOORS, INVALID, PLAN, SOME_SLOW } from './defaults';

export const scaleReadSideNaive: Scenario = {
  name: 'scale-read-side-naive',
  paragraph:
    "The same scaling on a Shared subscription, with an atomic SETNX guard. The guard makes every effect happen once, but nothing keeps a user's events with one consumer: as soon as a second consumer joins they overtake each other.",
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'shared', consumerCount: 1 },
    strategy: 'atomic-setnx',
    workload: { kind: 'trace', trace: 'fastify', limit: null },
    slowHandlers: SOME_SLOW,
    faults: [
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 1_000 } },
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 1_500 } },
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 2_000 } },
      { kind: 'leave', when: { ...ALWAYS, appliedCountMin: 4_000 } },
      { kind: 'leave', when: { ...ALWAYS, appliedCountMin: 4_500 } },
    ],
    floors: { ...FLOORS, appliedAroundFaultMin: 100 },
  },
  expected: { ...INVALID, roots: ['X3'], also: ['X4', 'X5', 'X18'] },
};
