import type { Scenario } from '../model/scenario';
import { ALWAYS, INVALID } from './defaults';
import { redisReplyLost } from './redis-reply-lost';

export const redisReplyLostNaive: Scenario = {
  name: 'redis-reply-lost-naive',
  paragraph:
    'The idempotency key is claimed with SETNX before the event is applied. The answer to the claim is lost, the claim is made again, and is told that the key is there: the event counts as done, is acknowledged, and is lost without any crash.',
  plan: {
    ...redisReplyLost.plan,
    strategy: 'claim-then-act',
    faults: [{ kind: 'store-reply-lost', when: { ...ALWAYS, appliedCountMin: 100 }, outcome: 'absent', times: 8 }],
  },
  /** Answers to others are lost with the same connection: an event that was applied, unheard, is applied again. */
  expected: { ...INVALID, roots: ['X9'], anyOf: [['X1']], also: ['X2', 'X4', 'X5', 'X18'] },
};
