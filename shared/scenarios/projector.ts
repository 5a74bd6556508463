import type { Scenario } from '../model/scenario';
import { ALWAYS, CRASH_FLOORS, PLAN, SOME_SLOW, VALID } from './defaults';

export const projector: Scenario = {
  name: 'projector',
  paragraph:
    "A real project's event stream (fastify's history, 896 users) through four consumers into a read model. One consumer is killed half way between effect and acknowledgement, another joins later. Every event takes effect once and in order, and the read model equals an independent fold of the log.",
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, consumerCount: 4 },
    workload: { kind: 'trace', trace: 'fastify', limit: null },
    slowHandlers: SOME_SLOW,
    faults: [
      {
        kind: 'crash',
        at: 'before:ack',
        when: { ...ALWAYS, appliedCountMin: 3_000, unacknowledgedCountMin: 1 },
        replaced: false,
      },
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 4_000 } },
    ],
    floors: CRASH_FLOORS,
  },
  expected: { ...VALID, absent: ['X8'] },
};
