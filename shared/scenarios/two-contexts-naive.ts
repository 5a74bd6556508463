import type { Scenario } from '../model/scenario';
import { INVALID, PLAN } from './defaults';

export const twoContextsNaive: Scenario = {
  name: 'two-contexts-naive',
  paragraph:
    'The same context drops what it does not listen to before the sequence check sees it. Every e-mail change and credit is then a gap: the next rename waits for a predecessor that was thrown away, and waits for ever.',
  plan: {
    ...PLAN,
    strategy: 'version-next-park',
    context: { listensTo: ['UserCreated', 'UserRenamed'], unlistened: 'ignore', identity: 'event' },
    workload: { kind: 'trace', trace: 'fastify', limit: null },
  },
  expected: { ...INVALID, roots: ['X1'], also: ['X18'] },
};
