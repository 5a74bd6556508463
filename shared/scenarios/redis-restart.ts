import type { Scenario } from '../model/scenario';
import { ALWAYS, FLOORS, PLAN, VALID } from './defaults';

export const redisRestart: Scenario = {
  name: 'redis-restart',
  paragraph:
    'The store is killed three times under load and starts again: with all of its append-only log, with the last tenth of it lost as in a power cut, and empty. Every generation is noticed on the new connection, the head audit compares the read model with the log and applies what was forgotten; of users that are quiet nobody else would miss it.',
  plan: {
    ...PLAN,
    workload: { kind: 'synthetic', users: 60, events: 600, skew: 'zipf:1.1' },
    rate: { perSecond: 500 },
    faults: [
      { kind: 'store-restart', when: { ...ALWAYS, appliedCountMin: 110 }, appendFsync: 'always', keptShare: 1 },
      { kind: 'store-restart', when: { ...ALWAYS, appliedCountMin: 220 }, appendFsync: 'everysec', keptShare: 0.9 },
      { kind: 'store-restart', when: { ...ALWAYS, appliedCountMin: 330 }, appendFsync: 'everysec', keptShare: 0 },
    ],
    /** Who applies after the last restart, consumers or the audit, is a matter of their speed. */
    floors: { ...FLOORS, consumerCountMin: 0, appliedAroundFaultMin: 100 },
  },
  expected: { ...VALID, absent: ['X1', 'X2', 'X4'] },
};
