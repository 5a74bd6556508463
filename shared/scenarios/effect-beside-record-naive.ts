import type { Scenario } from '../model/scenario';
import { ALWAYS, INVALID, PLAN, TINY_CRASH_FLOORS } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const effectBesideRecordNaive: Scenario = {
  name: 'effect-beside-record-naive',
  paragraph:
    'The effect comes first and the idempotency key follows as a second step. The consumer is killed between the two: the redelivery finds no key and applies the event a second time.',
  plan: {
    ...PLAN,
    strategy: 'check-act-mark',
    idempotencyKeys: true,
    workload: { kind: 'listed', events: interleaved([ON_FIRST_CONSUMER, ON_SECOND_CONSUMER]) },
    faults: [
      {
        kind: 'crash',
        at: 'after:apply',
        when: { ...ALWAYS, appliedCountMin: 1, event: { user: ON_FIRST_CONSUMER, sequence: 3 } },
        replaced: true,
      },
    ],
    floors: TINY_CRASH_FLOORS,
  },
  expected: { ...INVALID, roots: ['X10'], also: ['X2', 'X18'], anyOf: [['X2']] },
};
