import type { Scenario } from '../model/scenario';
import { INVALID } from './defaults';
import { redisRestart } from './redis-restart';

export const redisRestartNaive: Scenario = {
  name: 'redis-restart-naive',
  paragraph:
    'The store starts again empty and nobody notices. The idempotency keys are gone with the effects, so later events are applied to what is left of each user: what was acknowledged before the restart never comes again, and is lost.',
  plan: {
    ...redisRestart.plan,
    strategy: 'atomic-setnx',
    faults: redisRestart.plan.faults.filter((fault) => fault.kind === 'store-restart' && fault.keptShare === 0),
  },
  expected: { ...INVALID, roots: ['X1'], also: ['X4', 'X18'] },
};
