import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, livesOf, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

/** The same person is added by three forms: other requests, other keys, one meaning. */
export const SAME_MEANING: readonly CommandRound[] = [
  USERS.flatMap((user) =>
    ['form', 'import', 'retry'].map((origin, writer) => sent(`${origin}-${user}`, creating(user), { writer })),
  ),
  ...livesOf(USERS, 3),
];

export const semanticDuplicate: Scenario = {
  name: 'semantic-duplicate',
  paragraph:
    'Three requests with three idempotency keys add the same person with the same name and e-mail. No key tells that they mean one thing, so the writer does: a creation of what exists, in exactly that shape, is answered as accepted with the event that did it. Amounts have no such meaning: two credits of 10 are 20.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, { ...CAREFUL, absorbsSameMeaning: true }, SAME_MEANING) },
    floors: { ...FLOORS, racedCommandCountMin: 24 },
  },
  expected: VALID,
};
