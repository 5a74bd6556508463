import type { Scenario } from '../model/scenario';
import { CAREFUL, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { TOLD_ONCE } from './outbox';

export const publishFirstNaive: Scenario = {
  name: 'publish-first-naive',
  paragraph:
    'The same, the other way round: instances publish and then append. The events of those that die in between are in the topic, and consumers apply them; the store has never heard of them. Their clients ask again, another event takes the same place, and the stream forks.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(3, { ...CAREFUL, publishing: 'publish-then-store' }, TOLD_ONCE),
        crashes: [
          { writer: 0, at: 'after:publish', arrival: 6, replaced: false },
          { writer: 1, at: 'after:publish', arrival: 10, replaced: false },
        ],
      },
    },
    floors: { ...FLOORS, everyEventDelivered: false },
  },
  expected: { ...INVALID, roots: ['W12', 'W1'], also: ['X18', 'X6', 'W3'] },
};
