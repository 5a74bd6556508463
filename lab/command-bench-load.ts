/** `orderlab bench load`: what the load generator costs, beside the bare publisher of the same client. */
import type { Command } from 'commander';
import type { Lap } from './drain-lap';
import { EXIT_BY_VERDICT } from './exit-code';
import type { LoadBench, LoadRound } from './load/bench-load';
import { type Spread, spreadOf, spreadText } from './spread';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface BenchLoadFlags {
  readonly broker: string;
  readonly admin?: string;
  readonly events: string;
  readonly rounds: string;
  readonly json?: boolean;
}

/** A load process publishes at least this share of what the bare client does, in the median of the rounds. */
const LOAD_SHARE_WANTED = 0.7;
/** As in dashboards/prometheus.yml. */
const SCRAPE_INTERVAL_S = 5;
const ROUNDS_MIN = 5;
const EVENTS_MAX = 200_000;

export function registerBenchLoad(bench: Command, terminal: Terminal): void {
  bench
    .command('load')
    .exitOverride()
    .description('what the load generator reaches of the bare publisher, what a scrape costs, and its own clock error')
    .option('--broker <url>', 'ws://HOST:PORT, pulsar://HOST:PORT or embedded:', 'embedded:')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker; needed with pulsar://)")
    .option('--events <n>', 'messages of each lap', '10000')
    .option('--rounds <n>', `rounds, at least ${ROUNDS_MIN}; each runs all, in turn`, String(ROUNDS_MIN))
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: BenchLoadFlags) => performBench(flags, terminal));
}

async function performBench(flags: BenchLoadFlags, terminal: Terminal): Promise<void> {
  const { benchLoad } = require('./load/bench-load') as typeof import('./load/bench-load');
  const bench = await benchLoad({
    ...{ brokerUrl: flags.broker, adminUrl: flags.admin ?? null },
    eventCount: wholeNumber('--events', flags.events, 1_000, EVENTS_MAX),
    roundCount: wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100),
    onRound: (round) => {
      if (flags.json !== true) terminal.print(roundLine(round));
    },
  });
  const share = figuresOf(bench.rounds, ({ load, bare }) => load.eventsPerSecond / bare.eventsPerSecond);
  const scraped = figuresOf(bench.rounds, (round) => round.scraped.eventsPerSecond / round.load.eventsPerSecond);
  /** Inside one process the bare client is a function call: the bar is for a real broker. */
  const wanted = flags.broker === 'embedded:' ? 0 : LOAD_SHARE_WANTED;
  const holds = share.median >= wanted;
  if (flags.json === true) terminal.print(JSON.stringify({ wanted, holds, share, scraped, ...bench }));
  else for (const line of summaryLines(bench, share, scraped, wanted)) terminal.print(line);
  process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

function summaryLines(bench: LoadBench, share: Spread, scraped: Spread, wanted: number): readonly string[] {
  const { lateness, rounds, scrapeCpuMs } = bench;
  const cpu = (kind: keyof LoadRound): string =>
    figuresOf(rounds, (round) => round[kind].cpuMicrosPerEvent).median.toFixed(1);
  return [
    `load / bare, min / median / max: ${spreadText(share)}${wanted > 0 ? ` (wanted: median at least ${wanted})` : ''}`,
    `µs CPU an event, median: bare ${cpu('bare')}, load ${cpu('load')}, scraped ${cpu('scraped')}`,
    `scraped / not scraped: ${spreadText(scraped)}`,
    `a scrape takes ${scrapeCpuMs.toFixed(2)} ms CPU: one each ${SCRAPE_INTERVAL_S} s ${((scrapeCpuMs / SCRAPE_INTERVAL_S / 1_000) * 100).toFixed(3)} % of a core`,
    `clock error at half the bare rate, intended to sent, ms: p50 ${lateness.p50}  p99 ${lateness.p99}  max ${lateness.max}`,
  ];
}

/** Processor time an event stands beside the rate: what others do on the machine changes it less. */
function roundLine({ bare, load, scraped }: LoadRound): string {
  const side = ({ eventsPerSecond, cpuMicrosPerEvent }: Lap): string =>
    `${eventsPerSecond.toFixed(0)} events/s, ${cpuMicrosPerEvent.toFixed(1)} µs CPU an event`;
  const ratio = (load.eventsPerSecond / bare.eventsPerSecond).toFixed(2);
  return `bare ${side(bare)}; load ${side(load)}; scraped ${side(scraped)}; load / bare ${ratio}`;
}

function figuresOf(rounds: readonly LoadRound[], pick: (round: LoadRound) => number): Spread {
  return spreadOf(rounds.map(pick));
}
