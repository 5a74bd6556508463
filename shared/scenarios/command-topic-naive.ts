import type { Scenario } from '../model/scenario';
import { writeSide } from './command-rounds';
import { HANDLER_CRASHES, MEETING, MOVES, UNCOMPARED } from './command-topic';
import { FLOORS, INVALID, PLAN } from './defaults';

export const commandTopicNaive: Scenario = {
  name: 'command-topic-naive',
  paragraph:
    'The same commands, handlers and deaths over a Shared subscription, and without request records. Commands of one user are handled at several places at once, so that decisions rest on versions that others have moved on from. The handler that dies between event and reply has its command executed once more by whoever gets it next.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(1, { ...UNCOMPARED, recordsRequests: false }, MEETING),
        commandTopic: { subscriptionType: 'shared', gatewayCount: 2, moves: MOVES },
        crashes: HANDLER_CRASHES,
      },
    },
    floors: { ...FLOORS, racedCommandCountMin: 24, writerDeathCountMin: 2 },
  },
  expected: { ...INVALID, roots: ['W2', 'W15'] },
};
