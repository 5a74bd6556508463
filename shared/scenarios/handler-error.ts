import type { Scenario } from '../model/scenario';
import { FLOORS, PLAN, VALID } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, TWELVE_USERS } from './few-users';

export const handlerError: Scenario = {
  name: 'handler-error',
  paragraph:
    'The handler of one event fails three times. The event is parked with its user: it is tried again in place, its successors wait, and every other user goes on. Nothing is negatively acknowledged, so nothing is overtaken.',
  plan: {
    ...PLAN,
    strategy: 'version-next-repair',
    onFailure: 'park',
    workload: { kind: 'listed', events: interleaved(TWELVE_USERS) },
    faults: [{ kind: 'handler-error', event: { user: ON_FIRST_CONSUMER, sequence: 2 }, times: 3 }],
    floors: { ...FLOORS, appliedAroundFaultMin: 1 },
  },
  expected: { ...VALID, absent: ['D6', 'X3'] },
};
