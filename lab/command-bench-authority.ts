/** `orderlab bench authority`: what it takes to have one owner for each shard of the users. */
import type { Command } from 'commander';
import { benchAuthority } from './bench-authority';
import { EXIT_BY_VERDICT } from './exit-code';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface BenchAuthorityFlags {
  readonly store: string;
  readonly broker?: string;
  readonly calls: string;
  readonly rounds: string;
  readonly handovers: string;
  readonly hold: string;
  readonly json?: boolean;
}

const ROUNDS_MIN = 5;
const CALLS_MAX = 50_000;
const HANDOVERS_MAX = 10_000;
const HOLD_MS_MAX = 60_000;

export function registerBenchAuthority(bench: Command, terminal: Terminal): void {
  bench
    .command('authority')
    .exitOverride()
    .description('how long nobody acts for a shard of the users when its owner is not heard of any more')
    .requiredOption('--store <url>', 'redis://HOST:PORT')
    .option('--broker <url>', 'also what a relay publishes there, and what a command takes over a topic')
    .option('--calls <n>', 'with --broker: events and commands of each lap', '5000')
    .option(
      '--rounds <n>',
      `with --broker: rounds, at least ${ROUNDS_MIN}; each runs both, in turn`,
      String(ROUNDS_MIN),
    )
    .option('--handovers <n>', 'owners that take over, one after the other', '50')
    .option('--hold <ms>', 'how long an owner keeps its shard without being heard of', '60')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (flags: BenchAuthorityFlags) => {
      const holds = await benchAuthority(
        {
          ...{ storeUrl: flags.store, brokerUrl: flags.broker ?? null, json: flags.json === true },
          callCount: wholeNumber('--calls', flags.calls, 100, CALLS_MAX),
          roundCount: wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100),
          handoverCount: wholeNumber('--handovers', flags.handovers, 1, HANDOVERS_MAX),
          holdMs: wholeNumber('--hold', flags.hold, 1, HOLD_MS_MAX),
        },
        terminal,
      );
      process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
    });
}
