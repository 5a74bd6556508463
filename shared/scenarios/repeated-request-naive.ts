import type { Scenario } from '../model/scenario';
import { CAREFUL, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { REPEATED } from './repeated-request';

export const repeatedRequestNaive: Scenario = {
  name: 'repeated-request-naive',
  paragraph:
    'The same requests at instances that record no idempotency key. The expected version keeps every user from being created twice, so the second attempt hears of a conflict with its own first one. Nothing protects the amounts: each credit is booked three times.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, { ...CAREFUL, recordsRequests: false }, REPEATED) },
    floors: FLOORS,
  },
  expected: { ...INVALID, roots: ['W15'] },
};
