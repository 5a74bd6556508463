import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterSettings } from '../model/write-side';
import { creating, livesOf, sent, UNGUARDED, usersNamed, writeSide } from './command-rounds';
import { FLOORS, INVALID, PLAN } from './defaults';

const USERS = usersNamed('user', 12);
const RIVALS = ['first', 'second'] as const;

/** Each at a writer of its own, at once. */
const RACE: CommandRound = USERS.flatMap((user) =>
  RIVALS.map((rival, writer) =>
    sent(`create-${user}-${rival}`, creating(user, `${user}-${rival}@example.org`), { writer }),
  ),
);

/** Writers that number by themselves, publish, and trust the broker with the rest. Each sends every event twice. */
const TRUSTING: WriterSettings = { ...UNGUARDED, publishing: 'store-then-publish', sendsOfEach: 2 };

export const dedupIsNotConditional: Scenario = {
  name: 'dedup-is-not-conditional',
  paragraph:
    "Pulsar's deduplication is switched on, and two writers publish to one topic, each under a name of its own, each counting its messages. Every message is sent twice, and the broker drops the second copy: it knows that this producer has stored that number. Of the rival's events it knows nothing. Both writers find nobody, both publish number 1 of the user, and both are told that it is stored. Deduplication compares a producer with itself; what is needed here is a comparison with the stream's end, which racing-creators has. Over ws:// a producer cannot number its messages, so even the second copies are stored there.",
  plan: {
    ...PLAN,
    workload: {
      kind: 'commands',
      writeSide: { ...writeSide(2, TRUSTING, [RACE, ...livesOf(USERS, 2)]), deduplicates: true },
    },
    floors: { ...FLOORS, racedCommandCountMin: USERS.length },
  },
  expected: { ...INVALID, roots: ['W1'], also: ['W3', 'W16', 'D3', 'X6', 'X18'] },
};
