import type { Scenario } from '../model/scenario';
import { INVALID } from './defaults';
import { zombie } from './zombie';

export const zombieNaive: Scenario = {
  ...zombie,
  name: 'zombie-naive',
  paragraph:
    'The same zombie without a guard: it applies what another consumer has applied long ago, and writes the older event over the newer state.',
  plan: { ...zombie.plan, strategy: 'no-guard', idempotencyKeys: false },
  expected: { ...INVALID, roots: ['X2'], also: ['X5', 'X18'] },
};
