import type { Scenario } from '../model/scenario';
import { ALWAYS, FLOORS, PLAN, SOME_SLOW, VALID } from './defaults';

export const scaleReadSide: Scenario = {
  name: 'scale-read-side',
  paragraph:
    'The read side is scaled from one consumer to four and back to two while it works. Key ranges move with every join and leave; Key_Shared hands a key over only when the old holder owes nothing, so no two handlers of one user ever overlap (X8, counted in the store) and the order holds.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, consumerCount: 1 },
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
  expected: { ...VALID, absent: ['X8', 'D3', 'D5'] },
};
