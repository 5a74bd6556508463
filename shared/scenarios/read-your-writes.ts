import type { Scenario } from '../model/scenario';
import type { ClientCommand, CommandRound } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const USERS = usersNamed('user', 12);

/** Clients that look at the user as soon as their command is accepted. */
export function lookedAt(readsBack: ClientCommand['readsBack']): readonly CommandRound[] {
  const place = (index: number) => ({ writer: index % 3, readsBack });
  return [
    USERS.map((user, index) => sent(`create-${user}`, creating(user), place(index))),
    USERS.map((user, index) => sent(`credit-${user}`, crediting(user, 10), place(index))),
  ];
}

export const readYourWrites: Scenario = {
  name: 'read-your-writes',
  paragraph:
    'A client is told that its command is accepted and reads the user at once. The read model follows at a distance, so the client says which version it has written, and the read waits until the model has come that far, or refuses after a bounded time. What it answers is never older than what the client knows.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: writeSide(3, CAREFUL, lookedAt('at-least')) },
    floors: FLOORS,
  },
  expected: VALID,
};
