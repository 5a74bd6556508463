import type { Scenario } from '../model/scenario';
import { ALWAYS, INVALID, PLAN, TINY_CRASH_FLOORS } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const ackAfterWorkNaive: Scenario = {
  name: 'ack-after-work-naive',
  paragraph:
    'The consumer acknowledges first and works afterwards. It is killed once the broker has the acknowledgement: as far as the broker knows the event is done, so it never comes again and its effect never happens.',
  plan: {
    ...PLAN,
    strategy: 'ack-first',
    idempotencyKeys: false,
    workload: { kind: 'listed', events: interleaved([ON_FIRST_CONSUMER, ON_SECOND_CONSUMER]) },
    faults: [
      {
        kind: 'crash',
        at: 'after:ack',
        when: { ...ALWAYS, appliedCountMin: 1, event: { user: ON_FIRST_CONSUMER, sequence: 3 } },
        replaced: true,
      },
    ],
    /** The acknowledged event is the point: whatever else was in hand may come again, or nothing. */
    floors: { ...TINY_CRASH_FLOORS, unacknowledgedAtCrashMin: 0, redeliveriesPerCrashMin: 0 },
  },
  expected: { ...INVALID, roots: ['X1'], also: ['X4', 'X18'] },
};
