/** `orderlab bench real`: what our work costs, beside the bare client in the same run. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import type { Plan } from '../shared/model/plan';
import { benchPlan } from './bench-plan';
import { withTokenFile } from './broker-token';
import { registerBenchAuthority } from './command-bench-authority';
import { registerBenchBroker } from './command-bench-broker';
import { registerBenchLoad } from './command-bench-load';
import { registerBenchWrite } from './command-bench-write';
import { bareLap, type Lap, LapInterrupted, projectorLap } from './drain-lap';
import { EXIT_BY_VERDICT, EXIT_INTERRUPTED } from './exit-code';
import { onInterrupt } from './interrupt';
import { withoutSecret } from './run';
import { type Spread, spreadOf, spreadText } from './spread';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { cornerOf, type Place } from './world';

interface BenchFlags {
  readonly broker?: string;
  readonly store?: string;
  readonly admin?: string;
  readonly events: string;
  readonly rounds: string;
  readonly json?: boolean;
}

/** Throughput under the projector divided by the bare client's, median of the rounds. */
const BENCH_RATIO_WANTED = 0.6;
const ROUNDS_MIN = 5;
/**
 * Rounds before those that count: both programs, and the broker, are compiled while they run, and a service that has run for a
 * minute is what is asked about. The third one was the first that was as quick as those after it.
 */
const WARM_UP_ROUND_COUNT = 2;
/** Over WebSocket, and through the native client. */
const BROKER_VARIABLES = ['ORDERLAB_PULSAR_WS', 'ORDERLAB_PULSAR_URL'] as const;
const EVENTS_MAX = 200_000;

export function registerBench(program: Command, terminal: Terminal): void {
  const bench = program.command('bench').description('measure rates and costs: interleaved rounds, ratios');
  withTokenFile(bench.command('real'))
    .exitOverride()
    .description('what the projector costs beside the bare client, consuming and acknowledging')
    .option('--broker <urls>', `separated by commas (default: ${BROKER_VARIABLES.join(' and ')}, else embedded:)`)
    .option('--store <url>', 'redis://HOST:PORT or embedded: (default: ORDERLAB_REDIS_URL, else embedded:)')
    .option('--admin <url>', "Pulsar's admin API (default: the address of a ws:// broker among them, as http)")
    .option('--events <n>', 'messages of each lap', '20000')
    .option(
      '--rounds <n>',
      `rounds that count, at least ${ROUNDS_MIN}, after ${WARM_UP_ROUND_COUNT} that do not; each runs both, in turn`,
      String(ROUNDS_MIN),
    )
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: BenchFlags) => benchReal(flags, terminal));
  registerBenchBroker(bench, terminal);
  registerBenchLoad(bench, terminal);
  registerBenchWrite(bench, terminal);
  registerBenchAuthority(bench, terminal);
}

interface Round {
  readonly bare: Lap;
  readonly projector: Lap;
  readonly ratio: number;
}

/** What came of one broker; `missing`: it could not be measured, and the sentence says what would let it. */
type Measured =
  | { readonly broker: string; readonly missing: string }
  | {
      readonly broker: string;
      readonly wanted: number;
      readonly holds: boolean;
      readonly ratios: Spread;
      readonly rounds: readonly Round[];
    };

async function benchReal(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const eventCount = wholeNumber('--events', flags.events, 100, EVENTS_MAX);
  const roundCount = wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100);
  const say = (line: string): void => {
    if (flags.json !== true) terminal.print(line);
  };
  const results: Measured[] = [];
  const stop = onInterrupt(terminal);
  try {
    for (const target of targetsOf(flags, process.env)) {
      const shown = withoutSecret(target.brokerUrl);
      say(`${shown}, ${eventCount} messages a lap`);
      results.push(await measure({ plan: benchPlan(eventCount), eventCount, roundCount, target, shown, say, stop }));
    }
  } catch (thrown) {
    if (!(thrown instanceof LapInterrupted)) throw thrown;
    process.exitCode = EXIT_INTERRUPTED;
    return;
  } finally {
    stop.release();
  }
  if (flags.json === true) terminal.print(JSON.stringify({ eventCount, brokers: results }));
  process.exitCode = EXIT_BY_VERDICT[verdictOf(results)];
}

function verdictOf(results: readonly Measured[]): 'valid' | 'invalid' | 'unknown' {
  const measured = results.filter((result) => 'holds' in result);
  if (measured.length === 0) return 'unknown';
  return measured.every(({ holds }) => holds) ? 'valid' : 'invalid';
}

type Target = Pick<Place, 'brokerUrl' | 'storeUrl' | 'adminUrl'>;

function targetsOf({ broker, store, admin }: BenchFlags, environment: NodeJS.ProcessEnv): readonly Target[] {
  const named = BROKER_VARIABLES.map((variable) => environment[variable] ?? '').filter((url) => url !== '');
  const brokerUrls = broker?.split(',') ?? (named.length === 0 ? ['embedded:'] : named);
  const storeUrl = store ?? environment.ORDERLAB_REDIS_URL ?? 'embedded:';
  const webSocketUrl = brokerUrls.find((url) => /^wss?:/.test(url));
  const adminUrl = admin ?? webSocketUrl?.replace(/^ws/, 'http') ?? null;
  return brokerUrls.map((brokerUrl) => ({ brokerUrl, storeUrl, adminUrl }));
}

type Work = Pick<Measuring, 'plan' | 'eventCount' | 'target' | 'stop'>;

interface Measuring {
  readonly plan: Plan;
  readonly eventCount: number;
  readonly roundCount: number;
  readonly target: Target;
  readonly shown: string;
  readonly say: (line: string) => void;
  readonly stop: { readonly stopping: boolean };
}

async function measure({ roundCount, target, shown, say, ...work }: Measuring): Promise<Measured> {
  const rounds: Round[] = [];
  try {
    for (let index = -WARM_UP_ROUND_COUNT; index < roundCount; index += 1) {
      const round = await runRound({ target, ...work }, index);
      if (index >= 0) rounds.push(round);
      say(`${index < 0 ? 'warm-up' : `round ${index + 1}`}: ${roundLine(round)}`);
    }
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError && thrown.code === 'TOOL_MISSING')) throw thrown;
    say(`not measured: ${thrown.message}`);
    return { broker: shown, missing: thrown.message };
  }
  const ratios = spreadOf(rounds.map(({ ratio }) => ratio));
  /** Inside one process there is no network to compare with: the bar is for a real broker. */
  const wanted = target.brokerUrl === 'embedded:' ? 0 : BENCH_RATIO_WANTED;
  for (const line of summaryLines(rounds, ratios, wanted)) say(line);
  return { broker: shown, wanted, holds: ratios.median >= wanted, ratios, rounds };
}

/** Odd rounds begin with the other one, so that neither always finds the warmer machine. */
async function runRound({ target, ...work }: Work, index: number): Promise<Round> {
  const lap = (kind: 'bare' | 'projector') => {
    const corner = cornerOf(`bench-${index}-${kind}-${Date.now().toString(36)}`);
    const options = { ...work, place: { ...target, ...corner } };
    return kind === 'bare' ? bareLap(options) : projectorLap(options);
  };
  const first = index % 2 === 0 ? await lap('bare') : await lap('projector');
  const second = index % 2 === 0 ? await lap('projector') : await lap('bare');
  const [bare, projector] = index % 2 === 0 ? [first, second] : [second, first];
  return { bare, projector, ratio: projector.eventsPerSecond / bare.eventsPerSecond };
}

function roundLine({ bare, projector, ratio }: Round): string {
  const side = (name: string, { eventsPerSecond, cpuMicrosPerEvent }: Lap): string =>
    `${name} ${Math.round(eventsPerSecond)} events/s, ${cpuMicrosPerEvent.toFixed(0)} µs CPU an event`;
  return `${side('bare', bare)}; ${side('projector', projector)}; ratio ${ratio.toFixed(2)}`;
}

/** min / median / max of each column. */
function summaryLines(rounds: readonly Round[], ratios: Spread, wanted: number): readonly string[] {
  const column = (kind: 'bare' | 'projector'): string => {
    const laps = rounds.map((round) => round[kind]);
    const rates = spreadOf(laps.map(({ eventsPerSecond }) => eventsPerSecond));
    const costs = spreadOf(laps.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent));
    return `${kind}: ${spreadText(rates, 0)} events/s, ${spreadText(costs, 0)} µs CPU an event`;
  };
  return [
    `min / median / max of ${rounds.length} rounds`,
    ...[`  ${column('bare')}`, `  ${column('projector')}`],
    `  ratio: ${spreadText(ratios)}${wanted > 0 ? ` (wanted: median at least ${wanted})` : ''}`,
  ];
}
