/** `orderlab bench load`: what the load generator costs, beside the bare publisher of the same client. */
import type { Command } from 'commander';
import { EXIT_BY_VERDICT } from './exit-code';
import type { LoadBench, LoadRound } from './load/bench-load';
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
  const share = figuresOf(bench.rounds, ({ load, bare }) => load / bare);
  const scraped = figuresOf(bench.rounds, ({ scraped: rate, load }) => rate / load);
  /** Inside one process the bare client is a function call: the bar is for a real broker. */
  const wanted = flags.broker === 'embedded:' ? 0 : LOAD_SHARE_WANTED;
  const holds = share.median >= wanted;
  if (flags.json === true) terminal.print(JSON.stringify({ wanted, holds, share, scraped, ...bench }));
  else for (const line of summaryLines(bench, share, scraped, wanted)) terminal.print(line);
  process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
}

interface Figures {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function summaryLines({ lateness }: LoadBench, share: Figures, scraped: Figures, wanted: number): readonly string[] {
  return [
    `load / bare, min / median / max: ${text(share)}${wanted > 0 ? ` (wanted: median at least ${wanted})` : ''}`,
    `scraped / not scraped: ${text(scraped)}`,
    `clock error at half the bare rate, intended to sent, ms: p50 ${lateness.p50}  p99 ${lateness.p99}  max ${lateness.max}`,
  ];
}

function roundLine({ bare, load, scraped }: LoadRound): string {
  const [first, second, third] = [bare, load, scraped].map((rate) => rate.toFixed(0));
  return `bare ${first} events/s; load ${second}; load while it is scraped ${third}; load / bare ${(load / bare).toFixed(2)}`;
}

function text({ min, median, max }: Figures): string {
  return [min, median, max].map((figure) => figure.toFixed(2)).join(' / ');
}

function figuresOf(rounds: readonly LoadRound[], pick: (round: LoadRound) => number): Figures {
  const sorted = rounds.map(pick).sort((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}
