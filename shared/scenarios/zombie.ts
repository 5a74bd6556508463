import type { Scenario } from '../model/scenario';
import { CRASH_FLOORS, PLAN, SOME_SLOW, VALID } from './defaults';

export const zombie: Scenario = {
  name: 'zombie',
  paragraph:
    'A consumer stands still in the middle of a handler (SIGSTOP) until the broker takes it for dead and its messages are done by the other one. Then it goes on (SIGCONT) where it stood, with everything it had in hand, and does not know. Its effects come too late, and the sequence in the store absorbs each of them.',
  plan: {
    ...PLAN,
    workload: { kind: 'synthetic', users: 100, events: 2_000, skew: 'zipf:1.1' },
    rate: { perSecond: 500 },
    slowHandlers: SOME_SLOW,
    faults: [{ kind: 'pause', at: 'before:apply', event: { user: 'u-1', sequence: 60 } }],
    floors: CRASH_FLOORS,
  },
  expected: { ...VALID, anyOf: [['D2']] },
};
