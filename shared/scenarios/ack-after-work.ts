import type { Scenario } from '../model/scenario';
import { ALWAYS, PLAN, TINY_CRASH_FLOORS, VALID } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const ackAfterWork: Scenario = {
  name: 'ack-after-work',
  paragraph:
    'The consumer works first and acknowledges last. It is killed with an event in hand: the broker never heard an acknowledgement, so the event comes again to another consumer and nothing is lost. (This one dies before the effect; what a crash after the effect does is the subject of record-with-effect.)',
  plan: {
    ...PLAN,
    strategy: 'no-guard',
    idempotencyKeys: false,
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
  expected: VALID,
};
