import type { Scenario } from '../model/scenario';
import { ALWAYS, BUSY_HANDS, FLOORS, PLAN, VALID } from './defaults';

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  paragraph:
    'What a release does to a running system: three consumers are restarted one by one under load, the topic is unloaded, and the broker is restarted, each at a moment drawn from the seed; the load goes on until the last of it is over. Keys move with every step and what was in hand comes again; every event still takes effect once and in order.',
  plan: {
    ...PLAN,
    ...BUSY_HANDS,
    faults: [
      { kind: 'restart', when: { ...ALWAYS, appliedCountMin: 200 } },
      { kind: 'restart', when: { ...ALWAYS, appliedCountMin: 500 } },
      { kind: 'restart', when: { ...ALWAYS, appliedCountMin: 800 } },
      { kind: 'unload', when: { ...ALWAYS, appliedCountMin: 1_100 } },
      { kind: 'broker-restart', when: { ...ALWAYS, appliedCountMin: 1_400 } },
    ],
    floors: { ...FLOORS, appliedAroundFaultMin: 100 },
  },
  faultSpread: 200,
  expected: { ...VALID, anyOf: [['D2']] },
};
