import type { Scenario } from '../model/scenario';
import { ALWAYS, CRASH_FLOORS, PLAN, VALID } from './defaults';
import { transfers } from './few-users';

export const transferResults: Scenario = {
  name: 'transfer-results',
  paragraph:
    'Debits add up in any order, as long as each happens once. So the claim is `once`, a Shared subscription is enough, and an atomic SETNX guard absorbs the repeat after a crash. Reorders do happen here: they are counted and allowed.',
  plan: {
    ...PLAN,
    topology: { ...PLAN.topology, subscriptionType: 'shared' },
    strategy: 'atomic-setnx',
    idempotencyKeys: true,
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
  expected: { ...VALID, anyOf: [['X3']], also: ['X3', 'X4', 'X5', 'X18'] },
};
