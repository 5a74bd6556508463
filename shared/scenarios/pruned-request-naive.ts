import type { Scenario } from '../model/scenario';
import { writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { CREATED_TWICE, creditedTwice, PRUNED } from './pruned-request';

export const prunedRequestNaive: Scenario = {
  name: 'pruned-request-naive',
  paragraph:
    'The same requests from clients that trust the idempotency key alone and name no version. The user is still there once, since its id is a condition by itself. A credit has none: after the record is pruned the same key is a new request, and the amount is booked again. A window of deduplication is as long as its records live.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, PRUNED, [CREATED_TWICE, creditedTwice(null)]) },
    floors: FLOORS,
  },
  expected: { ...INVALID, roots: ['W15'] },
};
