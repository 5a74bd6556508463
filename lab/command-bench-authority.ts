/** `orderlab bench authority`: what it takes to have one owner for each shard of the users. */
import type { Command } from 'commander';
import { benchAuthority } from './bench-authority';
import { EXIT_BY_VERDICT } from './exit-code';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface BenchAuthorityFlags {
  readonly store: string;
  readonly handovers: string;
  readonly hold: string;
  readonly json?: boolean;
}

const HANDOVERS_MAX = 10_000;
const HOLD_MS_MAX = 60_000;

export function registerBenchAuthority(bench: Command, terminal: Terminal): void {
  bench
    .command('authority')
    .exitOverride()
    .description('how long nobody acts for a shard of the users when its owner is not heard of any more')
    .requiredOption('--store <url>', 'redis://HOST:PORT')
    .option('--handovers <n>', 'owners that take over, one after the other', '50')
    .option('--hold <ms>', 'how long an owner keeps its shard without being heard of', '60')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (flags: BenchAuthorityFlags) => {
      const holds = await benchAuthority(
        {
          ...{ storeUrl: flags.store, json: flags.json === true },
          handoverCount: wholeNumber('--handovers', flags.handovers, 1, HANDOVERS_MAX),
          holdMs: wholeNumber('--hold', flags.hold, 1, HOLD_MS_MAX),
        },
        terminal,
      );
      process.exitCode = holds ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
    });
}
