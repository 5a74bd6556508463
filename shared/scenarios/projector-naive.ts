import type { Scenario } from '../model/scenario';
import { ALWAYS, CRASH_FLOORS, INVALID, PLAN, SOME_SLOW } from './defaults';

export const projectorNaive: Scenario = {
  name: 'projector-naive',
  paragraph:
    'The same stream, kill and join on a Shared subscription with no guard. Events of busy users overtake each other, the event whose acknowledgement was lost is applied twice, and the read model no longer equals the log.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'shared', consumerCount: 4 },
    strategy: 'no-guard',
    idempotencyKeys: false,
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
  expected: { ...INVALID, roots: ['X2', 'X3'], also: ['X4', 'X5', 'X18'] },
};
