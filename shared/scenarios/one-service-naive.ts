import type { Scenario } from '../model/scenario';
import { UNGUARDED, writeSide } from './command-rounds';
import { INVALID, PLAN, TINY_CRASH_FLOORS } from './defaults';
import { CONSUMER_CRASH, LOAD } from './one-service';

export const oneServiceNaive: Scenario = {
  name: 'one-service-naive',
  paragraph:
    'The same load on a service that appends without a condition and projects with the idempotency key as a second step. The store numbers what it gets, so nothing in the log looks wrong, and every user is created three times over. The consumer that dies between effect and key leaves an event that is applied again.',
  plan: {
    ...PLAN,
    strategy: 'check-act-mark',
    workload: { kind: 'commands', writeSide: writeSide(3, { ...UNGUARDED, guard: 'blind' }, LOAD) },
    faults: CONSUMER_CRASH,
    floors: { ...TINY_CRASH_FLOORS, contendedUserCountMin: 10, racedCommandCountMin: 24 },
  },
  expected: { ...INVALID, roots: ['W3', 'W2', 'X10'], also: ['X2', 'X5', 'X18'], anyOf: [['X2']] },
};
