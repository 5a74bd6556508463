import type { Scenario } from '../model/scenario';
import { CAREFUL, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { lookedAt } from './read-your-writes';

export const readYourWritesNaive: Scenario = {
  name: 'read-your-writes-naive',
  paragraph:
    'The same clients read without saying what they know. The command is accepted, its event is still on the way, and the form that reads the user back shows the old state, or nobody. People send it again.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, CAREFUL, lookedAt('blindly')) },
    floors: FLOORS,
  },
  expected: { ...INVALID, roots: ['R2'] },
};
