/** `competing`: runs consumers against each other, once or over several seeds, and gives the run that tells most. */
import { randomBytes } from 'node:crypto';
import { OrderlabError } from '../../shared/errors';
import type { UserEvent } from '../../shared/model/event';
import { SUBSCRIPTION_TYPES, type SubscriptionType } from '../../shared/model/subscription';
import { place } from './client/place';
import type { FaultRequest } from './fault';
import { QUESTIONS, type Question } from './finding';
import { KitRun } from './kit-run';
import { performProcesses } from './process-trial';
import { askedReplay } from './replay';
import { shrunk } from './shrinking';
import { performTrial } from './trial';
import type { Effects, Life, TrialPlan } from './trial-plan';
import type { EventFactory } from './workload';

export interface CompetingOptions<Event = UserEvent> {
  /**
   * Starts one consumer: `() => import('./my-consumer')`, a function that starts one, or `() => spawn(…)`. What it
   * resolves with may have a `stop`, which is called at the end.
   */
  readonly start: (life: Life) => unknown;
  /** The topic that the consumers subscribe to. */
  readonly topic: string;
  /** Consumers at the start, default 2. */
  readonly consumers?: number;
  /** Default 10. */
  readonly users?: number;
  /** Default 10. */
  readonly eventsPerUser?: number;
  /** Default 0: a plain topic. */
  readonly partitions?: number;
  /** Makes the event at a place of a user's stream; default: the built-in user events. */
  readonly events?: EventFactory<Event>;
  /** The name of a bundled trace, or a file's path, instead of drawn events; users × eventsPerUser of it. */
  readonly trace?: string;
  /** Decimal or hexadecimal, at most 64 bits; default: a fresh one, which every failure names. */
  readonly seed?: string | number;
  /** Default: none. */
  readonly faults?: readonly FaultRequest[];
  /** The subscription type instead of the one that the consumers ask for; default: theirs. */
  readonly topology?: SubscriptionType;
  /** How the end state is read and what it should be; default: only deliveries are judged. */
  readonly effects?: Effects<Event>;
  /** A user's events as they took effect, by sequence or id, where the consumer keeps such a list. Default: none. */
  readonly journal?: (user: string) => unknown;
  /** Runs over as many seeds, until one fails; the failing workload is then made smaller. Default 1. */
  readonly runs?: number;
  /** Brings the store back to nothing; called before each run. Needed with `runs`. */
  readonly reset?: () => unknown;
  /** What exploring looks for; default: order, once and loss. */
  readonly questions?: readonly Question[];
  /**
   * `ws://HOST:8080` or `pulsar://HOST:6650` of a real Pulsar, for consumers that are processes: start then returns the
   * process that it spawned. Default: the drop-in, in this process.
   */
  readonly broker?: string;
  /** `http://HOST:8080`: the admin API of a pulsar:// broker. */
  readonly admin?: string;
  /** The subscription of consumers that are processes: it is made before they start. */
  readonly subscription?: string;
  /** How long a consumer may take to subscribe, and how long nothing may move, milliseconds. Default 10,000. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10_000;

/** Rejects with USAGE when the consumers cannot be run at all; what they do wrong stands in the run. */
export async function competing<Event = UserEvent>(options: CompetingOptions<Event>): Promise<KitRun<Event>> {
  const perform = performerOf(options);
  const replay = askedReplay();
  const { runs = 1, questions = QUESTIONS } = options;
  if (replay !== null) return perform(replayed(planOf(options, replay.seed), replay));
  if (runs > 1 && options.reset === undefined) {
    throw new OrderlabError('USAGE', { problem: 'runs needs `reset`, which empties the store before each run' });
  }
  const first = seedOf(options);
  for (let index = 0; ; index += 1) {
    const run = await perform(planOf(options, seedAfter(first, index)));
    const isSought = questions.some((question) => run.findings(question).length > 0);
    if (isSought && runs > 1) return shrunk(run, questions, perform, index + 1);
    if (isSought || index + 1 >= runs) return new KitRun(run.plan, run.performance, index + 1);
  }
}

type Perform<Event> = (plan: TrialPlan<Event>) => Promise<KitRun<Event>>;

function performerOf<Event>(options: CompetingOptions<Event>): Perform<Event> {
  const { reset, broker } = options;
  return async (plan) => {
    /** A run that its test does not wait for any more still uses the store. */
    await place().latestRun;
    await reset?.();
    const performance =
      broker === undefined ? await performTrial(plan) : await performProcesses(plan, realBroker(options, broker));
    return new KitRun(plan, performance);
  };
}

function planOf<Event>(options: CompetingOptions<Event>, seed: string): TrialPlan<Event> {
  const { consumers = 2, users = 10, eventsPerUser = 10, partitions = 0, faults = [] } = options;
  for (const [name, value, least] of [
    ['consumers', consumers, 1],
    ['users', users, 1],
    ['eventsPerUser', eventsPerUser, 1],
    ['partitions', partitions, 0],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new OrderlabError('USAGE', { problem: `${name} is a whole number from ${least}, got ${value}` });
  }
  return {
    ...{ seed, topic: options.topic, consumers, users, eventsPerUser, partitions, start: options.start },
    ...{ makeEvent: options.events ?? null, trace: options.trace ?? null },
    ...{ faults, faultNumbers: faults.map((_fault, index) => index) },
    ...{ subscriptionType: topologyOf(options), effects: options.effects ?? null, journal: options.journal ?? null },
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
  };
}

function realBroker({ subscription, admin }: Pick<CompetingOptions, 'subscription' | 'admin'>, brokerUrl: string) {
  if (subscription !== undefined) return { brokerUrl, adminUrl: admin ?? null, subscription };
  throw new OrderlabError('USAGE', {
    problem: '`broker` needs `subscription`, which is made before the processes start',
  });
}

function topologyOf({ topology, broker }: Pick<CompetingOptions, 'topology' | 'broker'>): SubscriptionType | null {
  if (topology !== undefined && broker !== undefined) {
    throw new OrderlabError('USAGE', {
      problem: 'processes subscribe as they are written: leave `topology` out with `broker`',
    });
  }
  if (topology === undefined || SUBSCRIPTION_TYPES.includes(topology)) return topology ?? null;
  throw new OrderlabError('USAGE', { problem: `topology is one of ${SUBSCRIPTION_TYPES.join(', ')}, got ${topology}` });
}

function replayed<Event>(
  plan: TrialPlan<Event>,
  { faults, ...sizes }: ReturnType<typeof askedReplay> & {},
): TrialPlan<Event> {
  const left = faults.flatMap((number) => plan.faults[number] ?? []);
  return { ...plan, ...sizes, faults: left, faultNumbers: faults };
}

function seedOf({ seed }: Pick<CompetingOptions, 'seed'>): string {
  return seed === undefined ? `0x${randomBytes(6).toString('hex')}` : String(seed);
}

/** The same notation, so many further. */
function seedAfter(seed: string, steps: number): string {
  if (steps === 0) return seed;
  const isDecimal = /^[0-9]+$/.test(seed);
  const next = BigInt(isDecimal ? seed : `0x${seed.replace(/^0x/i, '')}`) + BigInt(steps);
  return isDecimal ? String(next) : `0x${next.toString(16)}`;
}
