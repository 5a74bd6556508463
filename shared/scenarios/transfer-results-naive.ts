import type { Scenario } from '../model/scenario';
import { ALWAYS, CRASH_FLOORS, INVALID, PLAN } from './defaults';
import { transfers } from './few-users';

export const transferResultsNaive: Scenario = {
  name: 'transfer-results-naive',
  paragraph:
    'The same debits without a guard: the consumer is killed between a debit and its acknowledgement, the debit comes again, and the account is charged twice. Even the weaker claim `once` is broken.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'shared' },
    strategy: 'no-guard',
    idempotencyKeys: false,
    workload: { kind: 'listed', events: transfers(15, 20) },
    faults: [
      {
        kind: 'crash',
        at: 'before:ack',
        when: { ...ALWAYS, appliedCountMin: 50, event: { user: 'account-7', sequence: 12 } },
        replaced: true,
      },
    ],
    /** One debit takes longer than the next one, which the other consumer holds. */
    gates: [6, 5].map((sequence) => ({ user: 'account-1', sequence })),
    claim: 'once',
    floors: { ...CRASH_FLOORS, appliedAroundFaultMin: 50 },
  },
  expected: { ...INVALID, roots: ['X2'], anyOf: [['X3']], also: ['X3', 'X4', 'X5', 'X18'] },
};
