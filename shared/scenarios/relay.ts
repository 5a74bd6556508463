import type { Scenario } from '../model/scenario';
import type { CommandRound, RelayCrash } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const WRITER_COUNT = 3;
/** An odd number, so that a user's next event is another worker's where the outbox is no more than a table of jobs. */
const USERS = usersNamed('user', 13);

/** More than is published while a relay is missing. */
export const STREAM: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % WRITER_COUNT })),
  ...Array.from({ length: 20 }, (_, round) =>
    USERS.map((user, index) =>
      sent(`credit-${user}-${round}`, crediting(user, round), { writer: (index + round) % WRITER_COUNT }),
    ),
  ),
];

/** One has sent nothing of what it took in hand, the other one all of it, and has not noted that. */
export const RELAY_CRASHES: readonly RelayCrash[] = [
  { share: 0, at: 'before:publish', arrival: 2, othersAheadCount: 2 * USERS.length },
  { share: 1, at: 'after:publish', arrival: 3, othersAheadCount: 0 },
];

export const relay: Scenario = {
  name: 'relay',
  paragraph:
    'The outbox is cut into shards of users, with one relay each and another one that stands by. One relay dies before it sends what it has in hand, one after everything was stored and before it could note that. Whoever comes next begins where the last note stands, under the name of the shard and with the numbers of the outbox, so a broker that deduplicates drops what it has already; over ws://, where messages have no number, the copies stand in the topic and consumers absorb them. The events of a user wait while its shard has nobody, and those of others do not.',
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(WRITER_COUNT, CAREFUL, STREAM),
        deduplicates: true,
        relay: { shareCount: 2, relayCount: 2, split: 'by-user', isNumbered: true, crashes: RELAY_CRASHES },
      },
    },
    floors: { ...FLOORS, relayDeathCountMin: RELAY_CRASHES.length },
  },
  expected: VALID,
};
