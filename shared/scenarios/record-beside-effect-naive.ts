import type { Scenario } from '../model/scenario';
import { ALWAYS, INVALID, PLAN, TINY_CRASH_FLOORS } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const recordBesideEffectNaive: Scenario = {
  name: 'record-beside-effect-naive',
  paragraph:
    'The idempotency key is set first (SETNX) and the effect follows as a second step. The consumer is killed between the two: the redelivery finds the key, believes the work done, and the event is swallowed for ever.',
  plan: {
    ...PLAN,
    strategy: 'claim-then-act',
    idempotencyKeys: true,
    workload: { kind: 'listed', events: interleaved([ON_FIRST_CONSUMER, ON_SECOND_CONSUMER]) },
    faults: [
      {
        kind: 'crash',
        at: 'before:apply',
        when: { ...ALWAYS, appliedCountMin: 1, event: { user: ON_FIRST_CONSUMER, sequence: 3 } },
        replaced: true,
      },
    ],
    floors: TINY_CRASH_FLOORS,
  },
  expected: { ...INVALID, roots: ['X9'], also: ['X1', 'X4', 'X18'], anyOf: [['X1']] },
};
