import type { Scenario } from '../model/scenario';
import { ALWAYS, INVALID, PLAN, TINY_CRASH_FLOORS } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const crashBeforeAckNaive: Scenario = {
  name: 'crash-before-ack-naive',
  paragraph:
    'No idempotency record at all. The consumer is killed after the effect and before the acknowledgement; the event comes again and is applied twice.',
  plan: {
    ...PLAN,
    strategy: 'no-guard',
    idempotencyKeys: false,
    workload: { kind: 'listed', events: interleaved([ON_FIRST_CONSUMER, ON_SECOND_CONSUMER]) },
    faults: [
      {
        kind: 'crash',
        at: 'before:ack',
        when: { ...ALWAYS, appliedCountMin: 1, event: { user: ON_FIRST_CONSUMER, sequence: 3 } },
        replaced: true,
      },
    ],
    floors: TINY_CRASH_FLOORS,
  },
  expected: { ...INVALID, roots: ['X2'], also: ['X5', 'X18'] },
};
