import type { Scenario } from '../model/scenario';
import { CAREFUL, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { RELAY_CRASHES, STREAM } from './relay';

export const relayNaive: Scenario = {
  name: 'relay-naive',
  paragraph:
    'Two relays share the outbox as workers share a table of jobs: whoever is free takes what comes next, whosever it is. The first one dies with entries in hand, and until another one comes to send them the second relay publishes what follows: users have later events in the topic before earlier ones. The second one dies between sending and noting, and what it has sent is sent once more, under no number that would tell.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(3, CAREFUL, STREAM),
        relay: { shareCount: 2, relayCount: 1, split: 'by-position', isNumbered: false, crashes: RELAY_CRASHES },
      },
    },
    floors: { ...FLOORS, relayDeathCountMin: RELAY_CRASHES.length },
  },
  expected: { ...INVALID, roots: ['W8'], anyOf: [['W4']], also: ['D3', 'X18'] },
};
