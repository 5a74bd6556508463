import type { Scenario } from '../model/scenario';
import { INVALID, PLAN } from './defaults';
import { AUTHORITY_FLOORS, authorities, SOLE } from './single-authority';

export const singleAuthorityNaive: Scenario = {
  name: 'single-authority-naive',
  paragraph:
    'The same leadership without an epoch: an owner appends because it believes that it leads. Each of the two that stood still wakes up after its hold has run out, appends under the number that it had in mind, and the stream forks: somebody was told of a success that never shows.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: authorities({ ...SOLE, authority: SOLE.authority && { ...SOLE.authority, checksEpoch: false } }),
    },
    floors: AUTHORITY_FLOORS,
  },
  expected: { ...INVALID, roots: ['W1', 'W11'], also: ['W16', 'D3', 'X6', 'X18'] },
};
