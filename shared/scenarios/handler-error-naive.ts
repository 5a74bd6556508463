import type { Scenario } from '../model/scenario';
import { FLOORS, INVALID, PLAN } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, TWELVE_USERS } from './few-users';

export const handlerErrorNaive: Scenario = {
  name: 'handler-error-naive',
  paragraph:
    'The same failure answered with a negative acknowledgement: the event comes back after the redelivery delay, and by then later events of the user have been applied. Key_Shared does not keep order under negative acknowledgement, and a SETNX guard does not notice.',
  plan: {
    ...PLAN,
    strategy: 'atomic-setnx',
    onFailure: 'nack',
    workload: { kind: 'listed', events: interleaved(TWELVE_USERS) },
    /** A successor is published after the negative acknowledgement of its predecessor, however slow the store is. */
    rate: { perSecond: 200 },
    faults: [{ kind: 'handler-error', event: { user: ON_FIRST_CONSUMER, sequence: 2 }, times: 3 }],
    floors: { ...FLOORS, appliedAroundFaultMin: 1 },
  },
  expected: { ...INVALID, roots: ['X3'], anyOf: [['D6']], also: ['X4', 'X5', 'X18'] },
};
