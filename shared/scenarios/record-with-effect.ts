import type { Scenario } from '../model/scenario';
import { ALWAYS, PLAN, TINY_CRASH_FLOORS, VALID } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const recordWithEffect: Scenario = {
  name: 'record-with-effect',
  paragraph:
    'One atomic step sets the idempotency key and changes the read model. The consumer is killed after that step and before the acknowledgement; the event comes again, the key is there, and the repeat is absorbed.',
  plan: {
    ...PLAN,
    strategy: 'atomic-setnx',
    idempotencyKeys: true,
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
  expected: { ...VALID, absent: ['X2', 'X9', 'X10'] },
};
