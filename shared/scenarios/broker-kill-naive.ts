import type { Scenario } from '../model/scenario';
import { brokerKill } from './broker-kill';
import { INVALID } from './defaults';

export const brokerKillNaive: Scenario = {
  ...brokerKill,
  name: 'broker-kill-naive',
  paragraph:
    'The same kill without a record of what was done. What the broker hands out again, because it has lost the acknowledgement or never had it, is applied a second time.',
  plan: { ...brokerKill.plan, strategy: 'no-guard', idempotencyKeys: false },
  expected: { ...INVALID, roots: ['X2'], also: ['X5', 'X18'] },
};
