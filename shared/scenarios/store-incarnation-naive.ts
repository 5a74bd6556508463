import type { Scenario } from '../model/scenario';
import { INVALID, PLAN } from './defaults';
import { GUARDED, LOSS, lostStore, storeIncarnation } from './store-incarnation';

export const storeIncarnationNaive: Scenario = {
  name: 'store-incarnation-naive',
  paragraph:
    'The same store starts empty and goes on with what it has: nothing. The instance that is asked finds no user, has the shard granted, and creates every one of them again. Each sequence that stands in the topic is given away a second time; consumers take the first event of each number and put the second aside, so everybody was told of a success that never shows.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: lostStore({
        ...GUARDED,
        authority: GUARDED.authority && { ...GUARDED.authority, guardsIncarnation: false },
      }),
    },
    ...LOSS,
    floors: storeIncarnation.plan.floors,
  },
  expected: { ...INVALID, roots: ['W1', 'W12'], also: ['W3', 'W15', 'W16', 'D3', 'X1', 'X6', 'X18'] },
};
