import type { Scenario } from '../model/scenario';
import { INVALID } from './defaults';
import { rollingRestart } from './rolling-restart';

export const rollingRestartNaive: Scenario = {
  ...rollingRestart,
  name: 'rolling-restart-naive',
  paragraph:
    'The same restarts on a Shared subscription with no guard. Events of one user are worked on at several consumers at once and overtake each other, and what was in hand at the unload and at the restart of the broker is applied twice.',
  plan: {
    ...rollingRestart.plan,
    topology: { ...rollingRestart.plan.topology, subscriptionType: 'shared' },
    strategy: 'no-guard',
    idempotencyKeys: false,
  },
  expected: { ...INVALID, roots: ['X2', 'X3'], also: ['X4', 'X5', 'X18'] },
};
