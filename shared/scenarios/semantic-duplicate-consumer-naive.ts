import type { Scenario } from '../model/scenario';
import { INVALID } from './defaults';
import { TOLD_TWICE } from './semantic-duplicate-consumer';

export const semanticDuplicateConsumerNaive: Scenario = {
  name: 'semantic-duplicate-consumer-naive',
  paragraph:
    'The same events at the reference design. Sequences are dense, ids are unique, every idempotency key is new, and each event is applied exactly once, in order: nothing that looks at places and ids can object. The second creation is news to it, so it takes the name back that the user was renamed from.',
  plan: TOLD_TWICE,
  expected: { ...INVALID, roots: ['X2'], also: ['X18'] },
};
