/**
 * Write chaos plan: a service that is scaled on both sides, and everything at once done to it at places drawn from a seed.
 *
 * Each instance owns shards of the users, relays of their own publish the outbox, consumers compete for what is published.
 * Instances, relays and consumers die, owners stand still before an append, consumers join and leave, the store dies and
 * loses the answers that it gave, and where the world can do it, consumers stand still and the broker gives the topic up. It is
 * not killed: a consumer that is just beginning, and a relay, give up on a broker that does not answer.
 */
import { invariant } from '../shared/model/invariant';
import type { Need } from '../shared/model/need';
import type { Fault, Plan, Point } from '../shared/model/plan';
import type {
  CommandRound,
  RelayCrash,
  WriterCrash,
  WriterPause,
  WriterPoint,
  WriterSettings,
} from '../shared/model/write-side';
import type { Random } from '../shared/ports';
import { CAREFUL, creating, crediting, sent, usersNamed, writeSide } from '../shared/scenarios/command-rounds';
import { ALWAYS, FLOORS, PLAN } from '../shared/scenarios/defaults';

export interface WriteChaosOptions {
  readonly seed: string;
  /** What the world offers beside what every one does. */
  readonly offers: readonly Need[];
  /** False: a control. Nothing is compared in it, not even epochs, so that an owner that wakes up appends. Default: true. */
  readonly checksEpoch?: boolean;
}

const WRITER_COUNT = 3;
const SHARD_COUNT = 4;
const SHARE_COUNT = 2;
const HOLD_MS = 250;
const USERS = usersNamed('user', 12);
const ROUND_COUNT = 40;
/** Owners that stand still, each before a command of its own. */
const PAUSE_COUNT = 2;
/** Events applied between two faults. */
const APPLIED_BETWEEN = 40;

const WRITER_POINTS: readonly WriterPoint[] = ['before:append', 'after:append'];
const CONSUMER_POINTS: readonly Point[] = [
  'after:receive',
  'before:handle',
  'before:apply',
  'after:apply',
  'before:ack',
];

/** Claim: order and once, and no anomaly of the write side. Every draw comes from `random`. */
export function writeChaosPlan({ seed, offers, checksEpoch = true }: WriteChaosOptions, random: Random): Plan {
  const zombies = drawn(USERS, PAUSE_COUNT, random.stream('chaos', 'pauses'));
  const crashes = writerCrashes(random.stream('chaos', 'writers'));
  const relayCrashes = relayCrashesOf(random.stream('chaos', 'relays'));
  return {
    ...PLAN,
    scenario: 'chaos-write',
    seed,
    topology: { ...PLAN.topology, consumerCount: 3 },
    workload: {
      kind: 'commands',
      writeSide: {
        ...writeSide(
          WRITER_COUNT,
          settingsOf(random.stream('chaos', 'settings'), checksEpoch),
          roundsOf(zombies, random.stream('chaos', 'rounds')),
        ),
        deduplicates: true,
        crashes,
        pauses: zombies.map(pauseOf),
        relay: {
          ...{ shareCount: SHARE_COUNT, relayCount: 2, split: 'by-user', isNumbered: true },
          crashes: relayCrashes,
        },
      },
    },
    faults: faultsOf(offers, random.stream('chaos', 'faults')),
    floors: {
      ...FLOORS,
      consumerCountMin: 0,
      /** Who dies with a command of another instance's client in hand is waited for by that instance. */
      writerDeathCountMin: 1,
      writerPauseCountMin: PAUSE_COUNT,
      relayDeathCountMin: relayCrashes.length,
    },
  };
}

/** Versions are compared or they are not: epochs alone have to do. Both are drawn, and whether commands are sent on. */
function settingsOf(random: Random, checksEpoch: boolean): WriterSettings {
  const guard = random.below(2) === 0 && checksEpoch ? 'expected' : 'unguarded';
  const forwards = random.below(2) === 0;
  const authority = { shardCount: SHARD_COUNT, holdMs: HOLD_MS, forwards, checksEpoch, guardsIncarnation: true };
  return { ...CAREFUL, guard, authority };
}

/** A user's creation first, then credits; the commands of the pauses stand alone, so that nothing else waits behind them. */
function roundsOf(zombies: readonly string[], random: Random): readonly CommandRound[] {
  const writer = (): number => random.below(WRITER_COUNT);
  const created = USERS.map((user) => sent(`create-${user}`, creating(user), { writer: writer() }));
  const credited = Array.from({ length: ROUND_COUNT }, (_, round) =>
    USERS.map((user) => sent(`credit-${user}-${round}`, crediting(user, 1 + random.below(100)), { writer: writer() })),
  );
  const standing = zombies.map((user) => [
    sent(pauseOf(user).commandId, crediting(user, 1)),
    sent(pauseOf(user).rivalId, crediting(user, 2), { writer: 1 }),
  ]);
  const at = standing.map(() => 1 + random.below(ROUND_COUNT));
  const rounds: CommandRound[] = [created];
  for (const [round, commands] of credited.entries()) {
    rounds.push(commands, ...standing.filter((_, index) => at[index] === round + 1));
  }
  return rounds;
}

function pauseOf(user: string): WriterPause {
  return { commandId: `zombie-${user}`, rivalId: `rival-${user}` };
}

function writerCrashes(random: Random): readonly WriterCrash[] {
  return Array.from({ length: WRITER_COUNT }, (_, writer) => ({
    ...{ writer, arrival: 2 + random.below(8), replaced: true },
    at: oneOf(WRITER_POINTS, random),
  }));
}

function relayCrashesOf(random: Random): readonly RelayCrash[] {
  return Array.from({ length: SHARE_COUNT }, (_, share) => ({
    ...{ share, arrival: 1 + random.below(4), othersAheadCount: 0 },
    at: random.below(2) === 0 ? 'before:publish' : 'after:publish',
  }));
}

/** One of each kind that the world can do, in an order that is drawn, so many events apart. */
function faultsOf(offers: readonly Need[], random: Random): readonly Fault[] {
  const when = (index: number) => ({ ...ALWAYS, appliedCountMin: (index + 1) * APPLIED_BETWEEN });
  const crash = (index: number): Fault => {
    const at = oneOf(CONSUMER_POINTS, random);
    return { kind: 'crash', at, when: { ...when(index), unacknowledgedCountMin: 1 }, replaced: true };
  };
  const kinds: ((index: number) => Fault)[] = [
    ...[crash, crash, crash],
    (index) => ({ kind: 'join', when: when(index) }),
    (index) => ({ kind: 'leave', when: when(index) }),
    (index) => ({ kind: 'store-restart', when: when(index), appendFsync: 'always', keptShare: 1 }),
    (index) => ({ kind: 'store-reply-lost', when: when(index), outcome: 'applied', times: 1 + random.below(3) }),
  ];
  if (offers.includes('processes')) {
    const event = { user: oneOf(USERS, random), sequence: 5 + random.below(ROUND_COUNT / 2) };
    kinds.push(() => ({ kind: 'pause', at: 'before:apply', event }));
  }
  if (offers.includes('real-broker')) kinds.push((index) => ({ kind: 'unload', when: when(index) }));
  return drawn(kinds, kinds.length, random).map((fault, index) => fault(index));
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  const choice = choices[random.below(choices.length)];
  invariant(choice !== undefined, 'there is something to choose from');
  return choice;
}

/** So many of them, each at most once, in an order of their own. */
function drawn<T>(choices: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...choices];
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat();
}
