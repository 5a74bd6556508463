import type { Scenario } from '../model/scenario';
import { FLOORS, INVALID, PLAN } from './defaults';
import { fourEvents, ON_FIRST_CONSUMER } from './few-users';

export const competingConsumersNaive: Scenario = {
  name: 'competing-consumers-naive',
  paragraph:
    'The same with a Shared subscription. Events 1 2 3 4 of one user are published one by one; the first consumer takes 1 and 3, the second 2 and 4. Handlers take as long as they take: 2 is ready first, then 1, then 4, then 3. The result topic reads 2 1 4 3. Nothing crashed and nothing was lost: competing on Shared is enough to lose the order.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'shared' },
    strategy: 'no-guard',
    idempotencyKeys: false,
    workload: { kind: 'listed', events: fourEvents(ON_FIRST_CONSUMER) },
    publishesResult: true,
    sendsInFlightMax: 1,
    /** Two entries that a busy broker reads at once go to one consumer (pulsar-semantics 1.3), so it gets time for each. */
    rate: { perSecond: 5 },
    gates: [2, 1, 4, 3].map((sequence) => ({ user: ON_FIRST_CONSUMER, sequence })),
    floors: { ...FLOORS, contendedUserCountMin: 1 },
  },
  expected: {
    ...INVALID,
    roots: ['X21', 'X3'],
    also: ['X4', 'X5', 'X18'],
    resultTopic: [2, 1, 4, 3],
  },
};
