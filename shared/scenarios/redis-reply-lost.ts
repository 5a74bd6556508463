import type { Scenario } from '../model/scenario';
import { ALWAYS, FLOORS, PLAN, VALID } from './defaults';

export const redisReplyLost: Scenario = {
  name: 'redis-reply-lost',
  paragraph:
    'Eight times the store applies an event and its answer is lost with the connection. Nobody knows whether it took effect, so the same call is made again; the sequence is checked in the step that applies, and what was done before is answered as a duplicate.',
  plan: {
    ...PLAN,
    workload: { kind: 'synthetic', users: 40, events: 400, skew: 'zipf:1.1' },
    faults: [{ kind: 'store-reply-lost', when: { ...ALWAYS, appliedCountMin: 100 }, outcome: 'applied', times: 8 }],
    floors: { ...FLOORS, appliedAroundFaultMin: 100 },
  },
  expected: { ...VALID, absent: ['X1', 'X2', 'X9', 'X10'] },
};
