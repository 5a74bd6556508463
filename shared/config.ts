/**
 * Configuration of a run: raw text from a command line or a caller → validated → resolved, with no optional field left.
 * All problems are reported in one pass, each ending in what was given.
 */
import { z } from 'zod';
import { OrderlabError } from './errors';
import { CLAIMS, type Fault, type Floors, type Plan, type Point, type Workload } from './model/plan';
import type { Scenario } from './model/scenario';
import { KEY_USE, STRATEGY_NAMES } from './model/strategy';
import { SUBSCRIPTION_TYPES, type SubscriptionType } from './model/subscription';
import { CRASH_FLOORS, FLOORS, SOME_SLOW, WHOLE_CONTEXT } from './scenarios/defaults';

/** Limits of what one run may be asked for. */
export const CONSUMER_COUNT_MAX = 64;
export const PARTITION_COUNT_MAX = 64;
export const USER_COUNT_MAX = 1_000_000;
export const EVENT_COUNT_MAX = 10_000_000;
/** Pulsar's own cap over WebSocket, and its default. */
export const RECEIVER_QUEUE_SIZE_MAX = 1_000;
export const KILL_COUNT_MAX = 1_000;

const whole = (min: number, max: number) =>
  z.coerce.number().int(`must be a whole number in ${min}..${max}`).min(min).max(max);
const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');

/** What may be said about an ad-hoc run; whatever is left out takes its default. */
const runSchema = z.strictObject({
  topology: z.enum(SUBSCRIPTION_TYPES).default('key-shared'),
  consumers: whole(1, CONSUMER_COUNT_MAX).nullable().default(null),
  partitions: whole(0, PARTITION_COUNT_MAX).nullable().default(null),
  receiverQueueSize: whole(0, RECEIVER_QUEUE_SIZE_MAX).default(100),
  strategy: z.enum(STRATEGY_NAMES).default('version-next-repair'),
  claim: z.enum(CLAIMS).default('order+once'),
  idempotencyKeys: onOff.default(true),
  audit: onOff.default(true),
  onFailure: z.enum(['park', 'nack']).default('park'),
  resultTopic: z.boolean().default(false),
  trace: z.string().min(1).nullable().default(null),
  users: whole(1, USER_COUNT_MAX).default(1_000),
  events: whole(1, EVENT_COUNT_MAX).default(20_000),
  skew: z
    .string()
    .regex(/^(uniform|zipf:\d+(\.\d+)?|hot:0?\.\d+)$/, 'must be uniform, zipf:S or hot:SHARE')
    .default('zipf:1.1'),
  rate: z
    .union([z.literal('trace'), z.coerce.number().positive()])
    .nullable()
    .default(null),
  speedup: z.coerce.number().positive().default(1),
  slowHandlers: z
    .string()
    .regex(/^(off|[1-9]\d{0,5}:\d{1,4})$/, 'must be off or N:MS, one handler in N that takes MS milliseconds')
    .default(`${SOME_SLOW?.oneIn}:${SOME_SLOW?.ms}`),
  killOne: z.boolean().default(false),
  kills: whole(0, KILL_COUNT_MAX).default(0),
});

/** Raw input: text values as they come from a command line, all optional. */
export type RunInput = z.input<typeof runSchema>;
type RunSettings = z.output<typeof runSchema>;

/** What a plan needs besides its settings. */
export interface PlanSources {
  readonly seed: string;
  /** Events of the workload where that is known; decides when kills strike. */
  readonly eventCount: number | null;
  /** The named point at which kill number `index` (from 0) strikes, drawn from the seed. */
  readonly killAt: (index: number) => Point;
}

/** Validates the input of an ad-hoc run. Throws USAGE with every problem. */
export function readRunInput(input: RunInput): RunSettings {
  const parsed = runSchema.safeParse(input);
  const problems: readonly Problem[] = parsed.success
    ? contradictions(parsed.data, input)
    : parsed.error.issues.map(({ path, message }) => [String(path[0] ?? 'input'), message]);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new OrderlabError('USAGE', { problem: problems.map((problem) => sentenceOf(problem, input)).join('; ') });
}

/** An option by its name in the input, and what is wrong with it. */
type Problem = readonly [option: string, message: string];

/** What each option allows and another one rules out. What would be ignored without a word is refused. */
function contradictions({ topology, consumers, trace, rate }: RunSettings, input: RunInput): readonly Problem[] {
  const problems: Problem[] = [];
  if (topology === 'exclusive' && (consumers ?? 1) > 1) {
    problems.push(['consumers', 'an Exclusive subscription has one consumer']);
  }
  for (const option of ['users', 'events', 'skew'] as const) {
    if (trace !== null && input[option] !== undefined) problems.push([option, 'a trace brings its own events']);
  }
  if (rate === 'trace' && trace === null) problems.push(['rate', 'only a trace has recorded times']);
  if (rate !== 'trace' && input.speedup !== undefined) problems.push(['speedup', 'needs --rate trace']);
  return problems;
}

function sentenceOf([option, message]: Problem, input: RunInput): string {
  const given = (input as Readonly<Record<string, unknown>>)[option];
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${message}, got ${JSON.stringify(given)}`;
}

/** The plan of an ad-hoc run. */
export function planOf(settings: RunSettings, { seed, eventCount, killAt }: PlanSources): Plan {
  const { topology: type, strategy, claim, idempotencyKeys, audit, onFailure, receiverQueueSize } = settings;
  return {
    scenario: 'ad-hoc',
    seed,
    topology: {
      subscriptionType: type,
      consumerCount: settings.consumers ?? CONSUMERS_BY_DEFAULT[type],
      partitionCount: settings.partitions ?? PARTITIONS_BY_DEFAULT[type],
      receiverQueueSize,
    },
    ...{ strategy, onFailure, audit, claim },
    idempotencyKeys: KEY_USE[strategy] === 'as-configured' ? idempotencyKeys : KEY_USE[strategy] === 'always',
    markerTtlMs: null,
    publishesResult: settings.resultTopic,
    context: WHOLE_CONTEXT,
    workload: workloadOf(settings),
    sendsInFlightMax: 1_000,
    rate: rateOf(settings),
    slowHandlers: slowHandlersOf(settings),
    faults: killsOf(settings, eventCount, killAt),
    gates: [],
    floors: floorsOf(settings),
  };
}

/** Draws a whole number below `bound`, for the fault of this index. */
export type FaultDraw = (index: number, bound: number) => number;

/** The plan of a scenario: its own, seeded. `draw`: from the same seed; without it faults strike as early as they may. */
export function scenarioPlan({ name, plan, faultSpread = 0 }: Scenario, seed: string, draw: FaultDraw = () => 0): Plan {
  const later = (fault: Fault, index: number): Fault => postponed(fault, draw(index, faultSpread));
  return { ...plan, scenario: name, seed, faults: faultSpread === 0 ? plan.faults : plan.faults.map(later) };
}

function postponed(fault: Fault, count: number): Fault {
  if (!('when' in fault) || fault.when.appliedCountMin === null) return fault;
  return { ...fault, when: { ...fault.when, appliedCountMin: fault.when.appliedCountMin + count } };
}

/** A second Exclusive consumer is refused, so there is one. */
const CONSUMERS_BY_DEFAULT: Readonly<Record<SubscriptionType, number>> = {
  exclusive: 1,
  failover: 4,
  shared: 4,
  'key-shared': 4,
};

/** Failover shares work by partition: on a plain topic one consumer does it all. */
const PARTITIONS_BY_DEFAULT: Readonly<Record<SubscriptionType, number>> = {
  exclusive: 0,
  failover: 4,
  shared: 0,
  'key-shared': 0,
};

function workloadOf({ trace, users, events, skew }: RunSettings): Workload {
  return trace === null ? { kind: 'synthetic', users, events, skew } : { kind: 'trace', trace, limit: null };
}

function rateOf({ rate, speedup }: RunSettings): Plan['rate'] {
  if (rate === null) return null;
  return rate === 'trace' ? { traceSpeedup: speedup } : { perSecond: rate };
}

function slowHandlersOf({ slowHandlers }: RunSettings): Plan['slowHandlers'] {
  if (slowHandlers === 'off') return null;
  const [oneIn, ms] = slowHandlers.split(':').map(Number);
  return { oneIn: oneIn ?? 1, ms: ms ?? 0 };
}

/** Half way where the length is known; early, but after enough events for the floor, where it is not. */
function killOne(at: Point, eventCount: number | null, replaced: boolean): Fault {
  const floor = CRASH_FLOORS.appliedAroundFaultMin;
  const appliedCountMin = eventCount === null ? floor : Math.floor(eventCount / 2);
  return { kind: 'crash', at, when: { appliedCountMin, unacknowledgedCountMin: 1, event: null }, replaced };
}

function killsOf(
  { topology, killOne: one, kills }: RunSettings,
  eventCount: number | null,
  killAt: PlanSources['killAt'],
): readonly Fault[] {
  return [
    /** The only consumer that there may be is replaced, or nobody would go on. */
    ...(one ? [killOne(killAt(0), eventCount, topology === 'exclusive')] : []),
    ...Array.from({ length: kills }, (_, index) => killAndReplace(index, kills, killAt(index), eventCount)),
  ];
}

/** Spread evenly; where the length is not known, a floor's worth of events apart. */
function killAndReplace(index: number, count: number, at: Point, eventCount: number | null): Fault {
  const floor = CRASH_FLOORS.appliedAroundFaultMin;
  const appliedCountMin =
    eventCount === null ? floor * (index + 1) : Math.floor((eventCount * (index + 1)) / (count + 1));
  return { kind: 'crash', at, when: { appliedCountMin, unacknowledgedCountMin: 1, event: null }, replaced: true };
}

function floorsOf({ topology, killOne: one, kills }: RunSettings): Floors {
  const floors = one || kills > 0 ? CRASH_FLOORS : FLOORS;
  return topology === 'exclusive' ? { ...floors, consumerCountMin: 1 } : floors;
}
