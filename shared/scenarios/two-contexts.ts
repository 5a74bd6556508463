import type { Scenario } from '../model/scenario';
import { PLAN, VALID } from './defaults';

export const twoContexts: Scenario = {
  name: 'two-contexts',
  paragraph:
    "A second context listens to UserCreated and UserRenamed only and keeps a cache of its own. Events it does not care about still advance the user's sequence, so the stream stays dense for it and a filtered event is never read as a hole.",
  plan: {
    ...PLAN,
    strategy: 'version-next-park',
    context: { listensTo: ['UserCreated', 'UserRenamed'], unlistened: 'advance', identity: 'event' },
    workload: { kind: 'trace', trace: 'fastify', limit: null },
  },
  expected: VALID,
};
