import type { Scenario } from '../model/scenario';
import { CAREFUL, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { CRASHES, TOLD_ONCE } from './outbox';

export const dualWriteNaive: Scenario = {
  name: 'dual-write-naive',
  paragraph:
    'The same deaths at instances that append and then publish themselves. Two events are committed, their clients are told so when they ask again, and nobody ever publishes them: the users wait for the missing event for ever.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: { ...writeSide(3, { ...CAREFUL, publishing: 'store-then-publish' }, TOLD_ONCE), crashes: CRASHES },
    },
    floors: { ...FLOORS, everyEventDelivered: false },
  },
  expected: { ...INVALID, roots: ['W12'], also: ['X1', 'X18', 'W8', 'D3'] },
};
