import type { Scenario } from '../model/scenario';
import { ALWAYS, FLOORS, PLAN, SOME_SLOW, VALID } from './defaults';

export const scaleReadSideFailover: Scenario = {
  name: 'scale-read-side-failover',
  paragraph:
    'The same scaling on a partitioned topic with a Failover subscription: whole partitions move, and at every move the unacknowledged messages of a partition are delivered again to the new active consumer after the take-over delay. The sequence check absorbs them. The old holder may still be working then, so handlers of one user can overlap (X8, counted in the store), which is why a check in the same step is needed: Failover moves partitions, it fences nobody.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'failover', consumerCount: 1, partitionCount: 4 },
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
  expected: { ...VALID, absent: ['D3'] },
};
