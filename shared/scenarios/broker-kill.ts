import type { Scenario } from '../model/scenario';
import { ALWAYS, BUSY_HANDS, FLOORS, PLAN, VALID } from './defaults';

export const brokerKill: Scenario = {
  name: 'broker-kill',
  paragraph:
    'The broker is killed (SIGKILL) under load and starts again from its data. It has kept every message that it had acknowledged to the producer, and it has lost the acknowledgements of the last moments: what was done comes again, and is absorbed. Producer and consumers find their way back by themselves.',
  plan: {
    ...PLAN,
    ...BUSY_HANDS,
    faults: [{ kind: 'broker-kill', when: { ...ALWAYS, appliedCountMin: 500 } }],
    floors: { ...FLOORS, appliedAroundFaultMin: 100 },
  },
  faultSpread: 500,
  expected: { ...VALID, anyOf: [['D2']] },
};
