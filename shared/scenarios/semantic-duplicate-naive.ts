import type { Scenario } from '../model/scenario';
import { CAREFUL, UNGUARDED, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { SAME_MEANING } from './semantic-duplicate';

export const semanticDuplicateNaive: Scenario = {
  name: 'semantic-duplicate-naive',
  paragraph:
    'The same three requests at instances that trust the idempotency keys and compare nothing else. Each key is new, so each request is, and the person is added three times. An idempotency key recognises a request that comes again. It says nothing about one that means the same.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: writeSide(3, { ...UNGUARDED, guard: 'blind', recordsRequests: CAREFUL.recordsRequests }, SAME_MEANING),
    },
    floors: { ...FLOORS, racedCommandCountMin: 24 },
  },
  expected: { ...INVALID, roots: ['W3', 'W2'] },
};
