import type { Scenario } from '../model/scenario';
import type { CommandRound, WriterCrash, WriterPause, WriterSettings, WriteSide } from '../model/write-side';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from './command-rounds';
import { FLOORS, PLAN, VALID } from './defaults';

const WRITER_COUNT = 3;
const USERS = usersNamed('user', 12);
const ZOMBIE_USERS = ['user-3', 'user-8'];

/** The owner of a shard numbers the events itself, and nothing compares them: what an authority knows, nobody else has changed. */
export const SOLE: WriterSettings = {
  ...CAREFUL,
  guard: 'unguarded',
  authority: { shardCount: 4, holdMs: 250, forwards: false, checksEpoch: true, guardsIncarnation: false },
};

const credits = (name: string): CommandRound =>
  USERS.map((user, index) => sent(`${name}-${user}`, crediting(user, 10), { writer: index % WRITER_COUNT }));

const zombieOf = (user: string) => `zombie-${user}`;
const rivalOf = (user: string) => `rival-${user}`;

/** The writer of the first command stands still before it appends; the second one is accepted elsewhere meanwhile. */
const PAUSES: readonly WriterPause[] = ZOMBIE_USERS.map((user) => ({
  commandId: zombieOf(user),
  rivalId: rivalOf(user),
}));

const CRASHES: readonly WriterCrash[] = Array.from({ length: WRITER_COUNT }, (_, writer) => ({
  ...{ writer, arrival: 5, replaced: true },
  at: writer % 2 === 0 ? ('before:append' as const) : ('after:append' as const),
}));

const ROUNDS: readonly CommandRound[] = [
  USERS.map((user, index) => sent(`create-${user}`, creating(user), { writer: index % WRITER_COUNT })),
  ...ZOMBIE_USERS.flatMap((user, index) => [
    credits(`before-${index}`),
    [sent(zombieOf(user), crediting(user, 1)), sent(rivalOf(user), crediting(user, 2), { writer: 1 })],
  ]),
  ...Array.from({ length: 8 }, (_, round) => credits(`after-${round}`)),
];

/** Instances that share the users between them, killed and stopped under load. */
export function authorities(settings: WriterSettings): WriteSide {
  return { ...writeSide(WRITER_COUNT, settings, ROUNDS), crashes: CRASHES, pauses: PAUSES };
}

/**
 * Who owns what is a matter of who is asked first, and an instance that owns nothing appends nothing and dies nowhere. One of them
 * appends often enough, whoever that is; its shards change hands, and so does each of those whose owner stands still.
 */
export const AUTHORITY_FLOORS: Scenario['plan']['floors'] = {
  ...FLOORS,
  writerDeathCountMin: 1,
  writerPauseCountMin: PAUSES.length,
  handoverCountMin: 1 + PAUSES.length,
};

export const singleAuthority: Scenario = {
  name: 'single-authority',
  paragraph:
    'The users are spread over four shards, each with one owner among three instances, which decides and numbers alone: nothing compares versions. Owners are killed, and two stand still right before an append (SIGSTOP) until another one has taken the shard over and written to the same user. They wake up and append. The store has granted a higher epoch since, compares it in the step that appends, and refuses: the command is asked again at the owner.',
  plan: {
    ...PLAN,
    workload: { kind: 'commands', writeSide: authorities(SOLE) },
    floors: AUTHORITY_FLOORS,
  },
  expected: VALID,
};
