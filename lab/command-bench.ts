/** `orderlab bench real`: what our work costs, beside the bare client in the same run. */
import type { Command } from 'commander';
import type { Plan } from '../shared/model/plan';
import { benchPlan } from './bench-plan';
import { registerBenchBroker } from './command-bench-broker';
import { registerBenchWrite } from './command-bench-write';
import { bareLap, type Lap, projectorLap } from './drain-lap';
import { EXIT_BY_VERDICT } from './exit-code';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { cornerOf, type Place } from './world';

interface BenchFlags {
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly events: string;
  readonly rounds: string;
  readonly json?: boolean;
}

/** Throughput under the projector divided by the bare client's, median of the rounds. */
const BENCH_RATIO_WANTED = 0.6;
const ROUNDS_MIN = 5;
const EVENTS_MAX = 200_000;

export function registerBench(program: Command, terminal: Terminal): void {
  const bench = program.command('bench').description('measure rates and costs: interleaved rounds, ratios');
  bench
    .command('real')
    .exitOverride()
    .description('what the projector costs beside the bare client, consuming and acknowledging')
    .option('--broker <url>', 'ws://HOST:PORT, pulsar://HOST:PORT or embedded:', 'embedded:')
    .option('--store <url>', 'redis://HOST:PORT or embedded:', 'embedded:')
    .option('--admin <url>', "Pulsar's admin API (default: the address of a ws:// broker, as http)")
    .option('--events <n>', 'messages of each lap', '10000')
    .option('--rounds <n>', `rounds, at least ${ROUNDS_MIN}; each runs both, in turn`, String(ROUNDS_MIN))
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: BenchFlags) => benchReal(flags, terminal));
  registerBenchBroker(bench, terminal);
  registerBenchWrite(bench, terminal);
}

interface Round {
  readonly bare: Lap;
  readonly projector: Lap;
  readonly ratio: number;
}

async function benchReal(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const eventCount = wholeNumber('--events', flags.events, 100, EVENTS_MAX);
  const roundCount = wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100);
  const plan = benchPlan(eventCount);
  const rounds: Round[] = [];
  for (let index = 0; index < roundCount; index += 1) {
    const round = await runRound(plan, eventCount, flags, index);
    rounds.push(round);
    if (flags.json !== true) terminal.print(roundLine(round, index));
  }
  const ratios = summary(rounds.map(({ ratio }) => ratio));
  /** Inside one process there is no network to compare with: the bar is for a real broker. */
  const wanted = flags.broker === 'embedded:' ? 0 : BENCH_RATIO_WANTED;
  const holds = ratios.median >= wanted;
  if (flags.json === true) {
    terminal.print(JSON.stringify({ wanted, holds, ratios, eventCount, rounds }));
  } else {
    const figures = [ratios.min, ratios.median, ratios.max].map((ratio) => ratio.toFixed(2)).join(' / ');
    terminal.print(`ratio min / median / max: ${figures}${wanted > 0 ? ` (wanted: median at least ${wanted})` : ''}`);
  }
  process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

/** Odd rounds begin with the other one, so that neither always finds the warmer machine. */
async function runRound(plan: Plan, eventCount: number, flags: BenchFlags, index: number): Promise<Round> {
  const lap = (kind: 'bare' | 'projector') => {
    const options = { plan, eventCount, place: placeOf(flags, `bench-${index}-${kind}-${Date.now().toString(36)}`) };
    return kind === 'bare' ? bareLap(options) : projectorLap(options);
  };
  const first = index % 2 === 0 ? await lap('bare') : await lap('projector');
  const second = index % 2 === 0 ? await lap('projector') : await lap('bare');
  const [bare, projector] = index % 2 === 0 ? [first, second] : [second, first];
  return { bare, projector, ratio: projector.eventsPerSecond / bare.eventsPerSecond };
}

function placeOf({ broker, store, admin }: BenchFlags, runId: string): Place {
  return { brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, ...cornerOf(runId) };
}

function roundLine({ bare, projector, ratio }: Round, index: number): string {
  const side = (name: string, { eventsPerSecond, cpuMicrosPerEvent }: Lap): string =>
    `${name} ${Math.round(eventsPerSecond)} events/s, ${cpuMicrosPerEvent.toFixed(0)} µs CPU an event`;
  return `round ${index + 1}: ${side('bare', bare)}; ${side('projector', projector)}; ratio ${ratio.toFixed(2)}`;
}

function summary(figures: readonly number[]): { readonly min: number; readonly median: number; readonly max: number } {
  const sorted = [...figures].sort((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}
