import type { Scenario } from '../model/scenario';
import { livesOf, UNGUARDED, usersNamed, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';
import { RACE } from './racing-creators';

const WRITER_COUNT = 3;

export const racingCreatorsNaive: Scenario = {
  name: 'racing-creators-naive',
  paragraph:
    'The same race at three instances that look whether the user exists and then append, in two steps. Every one of them finds nobody, and each appends number 1: the stream forks, and of three people who heard of a success one is there. The e-mails are given away three times each.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: writeSide(WRITER_COUNT, UNGUARDED, [RACE, ...livesOf(usersNamed('user', 12), WRITER_COUNT)]),
    },
    floors: { ...FLOORS, racedCommandCountMin: 24 },
  },
  expected: { ...INVALID, roots: ['W1', 'W3'], also: ['W16', 'D3', 'X6', 'X18'] },
};
