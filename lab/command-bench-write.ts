/** `orderlab bench write`: what the write side's safety costs, beside the bare calls of the same run. */
import type { Command } from 'commander';
import { benchWrite } from './bench-write';
import { EXIT_BY_VERDICT } from './exit-code';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface BenchWriteFlags {
  readonly broker: string;
  readonly store: string;
  readonly calls: string;
  readonly rounds: string;
  readonly race: string;
  readonly json?: boolean;
}

const ROUNDS_MIN = 5;
const CALLS_MAX = 1_000_000;
const RACE_USERS_MAX = 100_000;

export function registerBenchWrite(bench: Command, terminal: Terminal): void {
  bench
    .command('write')
    .exitOverride()
    .description(
      'what conditional appends and the HTTP API cost beside a bare XADD and a bare route, and each remedy alone',
    )
    .requiredOption('--store <url>', 'redis://HOST:PORT')
    .option('--broker <url>', 'with --race: ws://HOST:PORT or pulsar://HOST:PORT', 'embedded:')
    .option('--calls <n>', 'calls of each lap; laps over HTTP make a fifth', '10000')
    .option('--rounds <n>', `rounds, at least ${ROUNDS_MIN}; each runs both, in turn`, String(ROUNDS_MIN))
    .option('--race <n>', 'users that eight clients each race to create over four processes, 0 for none', '0')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (flags: BenchWriteFlags) => {
      const holds = await benchWrite(
        {
          ...{ brokerUrl: flags.broker, storeUrl: flags.store, json: flags.json === true },
          callCount: wholeNumber('--calls', flags.calls, 1_000, CALLS_MAX),
          roundCount: wholeNumber('--rounds', flags.rounds, ROUNDS_MIN, 100),
          raceUserCount: wholeNumber('--race', flags.race, 0, RACE_USERS_MAX),
        },
        terminal,
      );
      process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
    });
}
