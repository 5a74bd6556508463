/** Settings of a load: options → plan and arrivals. What a load shares with a run is read by the same schema. */
import { z } from 'zod';
import { type Arrival, readArrival } from '../../producers/arrival';
import { EVENT_COUNT_MAX, planOf, type RunInput, readRunInput } from '../../shared/config';
import { OrderlabError } from '../../shared/errors';
import type { Plan } from '../../shared/model/plan';
import { PAYLOAD_BYTES_MAX } from '../../shared/wire';
import { LOAD_DURATION_S_MAX, LOAD_RATE_MAX } from './load-limits';

/** What is the load's own: when events come, for how long, how large they are. */
export interface LoadShape {
  /** null: the trace's own time. */
  readonly ratePerSecond: number | null;
  readonly durationS: number;
  /** Seconds at the start that are judged and not measured. */
  readonly warmupS: number;
  readonly arrival: Arrival;
  /** Messages are padded to this size; 0: as they are. */
  readonly payloadBytes: number;
}

export interface LoadSettings {
  readonly plan: Plan;
  readonly shape: LoadShape;
}

const numeric = (min: number, max: number) => {
  const sentence = `must be a number in ${min}..${max}`;
  return z.coerce.number(sentence).min(min, sentence).max(max, sentence);
};

const shapeSchema = z.object({
  rate: numeric(0.001, LOAD_RATE_MAX).default(1_000),
  duration: numeric(0.1, LOAD_DURATION_S_MAX).default(10),
  warmup: numeric(0, LOAD_DURATION_S_MAX).default(0),
  arrival: z.string().default('constant'),
  payloadBytes: numeric(0, PAYLOAD_BYTES_MAX).default(0),
});

type ShapeInput = z.input<typeof shapeSchema>;

/** What a load takes from the options of a run, with the same meaning. */
type SharedInput = Pick<
  RunInput,
  | 'topology'
  | 'consumers'
  | 'partitions'
  | 'receiverQueueSize'
  | 'strategy'
  | 'idempotencyKeys'
  | 'slowHandlers'
  | 'users'
  | 'skew'
  | 'trace'
  | 'speedup'
>;

/** Text values as they come from a command line, all optional. */
export type LoadInput = ShapeInput & SharedInput;

/** Validates and resolves. Throws USAGE with what is wrong. */
export function readLoadInput(input: LoadInput, seed: string): LoadSettings {
  const { rate, duration, warmup, arrival, payloadBytes, ...shared } = input;
  const given = { rate, duration, warmup, arrival, payloadBytes };
  const parsed = shapeSchema.safeParse(given);
  if (!parsed.success)
    throw usage(parsed.error.issues.map(({ path, message }) => sentenceOf(path, message, given)).join('; '));
  const { data } = parsed;
  const isTrace = shared.trace !== undefined && shared.trace !== null;
  if (isTrace && (rate ?? arrival ?? duration) !== undefined) {
    throw usage('--trace brings its own events and times: leave out --rate, --duration and --arrival');
  }
  const shape: LoadShape = {
    ratePerSecond: isTrace ? null : data.rate,
    durationS: data.duration,
    warmupS: data.warmup,
    arrival: readArrival(data.arrival),
    payloadBytes: data.payloadBytes,
  };
  return { shape, plan: planFor(shape, shared, seed) };
}

/** The arrivals are the workload's own time, so the runner plays every load like a recording. */
function planFor(shape: LoadShape, { speedup, ...shared }: SharedInput, seed: string): Plan {
  const { ratePerSecond, warmupS, durationS } = shape;
  const events = ratePerSecond === null ? null : Math.max(1, Math.round(ratePerSecond * (warmupS + durationS)));
  if (events !== null && events > EVENT_COUNT_MAX) {
    throw usage(`--rate times --duration is at most ${EVENT_COUNT_MAX} events, got ${events}`);
  }
  const settings = readRunInput({
    ...shared,
    ...{ audit: 'off', idempotencyKeys: shared.idempotencyKeys ?? 'off' },
    ...(events === null ? { rate: 'trace', ...(speedup === undefined ? {} : { speedup }) } : { events }),
  });
  const plan = planOf(settings, { seed, eventCount: events, killAt: () => 'before:ack' });
  return { ...plan, scenario: 'load', rate: plan.rate ?? { traceSpeedup: 1 } };
}

function sentenceOf(
  [option]: readonly PropertyKey[],
  message: string,
  given: Readonly<Record<string, unknown>>,
): string {
  const name = String(option ?? 'input');
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${message}, got ${JSON.stringify(given[name])}`;
}

function usage(problem: string): OrderlabError {
  return new OrderlabError('USAGE', { problem });
}
