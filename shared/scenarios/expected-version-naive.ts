import type { Scenario } from '../model/scenario';
import { UNGUARDED, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { READ_AND_CHANGED } from './expected-version';

export const expectedVersionNaive: Scenario = {
  name: 'expected-version-naive',
  paragraph:
    'The same changes at instances that compare the version when they decide, and append without comparing it again. All three find version 1, all three are told that they were first, and two of them have overruled what they never saw. The numbers are dense, so nothing in the log tells.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, { ...UNGUARDED, guard: 'blind' }, READ_AND_CHANGED) },
    floors: { ...FLOORS, racedCommandCountMin: 24 },
  },
  expected: { ...INVALID, roots: ['W2'] },
};
