import type { UserCommand } from '../model/command';
import type { Scenario } from '../model/scenario';
import type { CommandRound } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

/** Sent to one instance, and to the next one when nobody knows the request any more. */
const FORGOTTEN = { sends: 2, sendsAgain: 'once-pruned' } as const;

/** However short: who comes again waits until the store has forgotten, so that no machine is too slow or too quick. */
export const PRUNED = { ...CAREFUL, requestTtlMs: 100 } as const;

export const CREATED_TWICE: CommandRound = USERS.map((user, index) =>
  sent(`create-${user}`, creating(user), { writer: index % 3, ...FORGOTTEN }),
);

/** Credits of all users, which say what the user's version is, or leave it to the instance. */
export function creditedTwice(expectedVersion: number | null): CommandRound {
  return USERS.map((user, index) =>
    sent(`credit-${user}`, crediting(user, 10), { writer: index % 3, expectedVersion, ...FORGOTTEN }),
  );
}

const renaming = (user: string): UserCommand => ({ type: 'rename', user, data: { name: `${user}-renamed` } });

const ROUNDS: readonly CommandRound[] = [
  CREATED_TWICE,
  creditedTwice(1),
  USERS.map((user, index) => sent(`rename-${user}`, renaming(user), { writer: index % 3 })),
];

export const prunedRequest: Scenario = {
  name: 'pruned-request',
  paragraph:
    'A request comes again when its record has been pruned, so no instance knows it any more. What is left is the condition: the user exists, and the version that the client means is not the current one. The creation is answered by 409 with the event of the first one as the winner, the credit by 412. Whoever was told of the acceptance learns nothing new from either, and nothing is done twice.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, PRUNED, ROUNDS) },
    floors: FLOORS,
  },
  expected: VALID,
};
