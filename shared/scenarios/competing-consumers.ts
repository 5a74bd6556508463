import type { Scenario } from '../model/scenario';
import { FLOORS, PLAN, VALID } from './defaults';
import { interleaved, ON_FIRST_CONSUMER, ON_SECOND_CONSUMER } from './few-users';

export const competingConsumers: Scenario = {
  name: 'competing-consumers',
  paragraph:
    "Two consumers compete for a topic in a Key_Shared subscription, transform each event and publish the result. Both are busy, yet each user's events stay with one consumer, so the result topic holds 1 2 3 4 for every user. Look at the result topic: it is judged like the read model (X21).",
  plan: {
    ...PLAN,
    workload: { kind: 'listed', events: interleaved([ON_FIRST_CONSUMER, ON_SECOND_CONSUMER]) },
    publishesResult: true,
    sendsInFlightMax: 1,
    floors: { ...FLOORS, contendedUserCountMin: 2 },
  },
  expected: { ...VALID, absent: ['X3', 'D3', 'X21'] },
};
