/** `orderlab conformance`: the broker model held against a real Pulsar, script by script, through one adapter. */
import type { Command } from 'commander';
import { OrderlabError } from '../shared/errors';
import { conformance } from './conformance/conformance';
import type { ScriptReport } from './conformance/duel';
import { KNOWN_DIFFERENCES, NOT_MODELLED } from './conformance/known-differences';
import { conformanceLines, scriptLines } from './conformance/report';
import type { Script } from './conformance/script';
import { SCRIPTS } from './conformance/scripts';
import { openPulsar } from './conformance/subject';
import { REAL_TEMPO } from './conformance/tempo';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import { onServedBroker } from './reachable-broker';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

const AT_ONCE_MAX = 64;
const MODEL_URL = 'embedded:';

interface ConformanceFlags {
  readonly against: string;
  readonly broker: string;
  readonly admin?: string;
  readonly only?: string;
  readonly atOnce: string;
  readonly json?: boolean;
}

export function registerConformance(program: Command, terminal: Terminal): void {
  program
    .command('conformance')
    .description('play scripts on the broker model and on a real Pulsar, and compare what consumers get, key by key')
    .requiredOption('--against <url>', 'a real one: ws://HOST:PORT or wss://…')
    .option('--broker <url>', 'what is held against it: the model, served for the occasion, or ws://…', MODEL_URL)
    .option('--admin <url>', "the real one's admin API (default: its address, as http)")
    .option('--only <words>', 'only scripts whose name contains one of these, separated by commas')
    .option('--at-once <n>', 'scripts that run at the same time', '12')
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: ConformanceFlags) => command(flags, terminal));
}

async function command(flags: ConformanceFlags, terminal: Terminal): Promise<void> {
  const { scripts, atOnce } = {
    scripts: scriptsNamed(flags.only),
    atOnce: wholeNumber('--at-once', flags.atOnce, 1, AT_ONCE_MAX),
  };
  requireServed('--against', flags.against);
  if (flags.broker !== MODEL_URL) requireServed('--broker', flags.broker);
  const interrupt = onInterrupt(terminal);
  try {
    const onReport = (each: ScriptReport): void => {
      if (flags.json !== true) for (const line of scriptLines(each)) terminal.print(line);
    };
    const reports = await playAll(flags, { scripts, atOnce, onReport, stop: interrupt });
    report(reports, scripts, flags, terminal);
  } finally {
    interrupt.release();
  }
}

type Play = Pick<Parameters<typeof conformance>[0], 'scripts' | 'atOnce' | 'onReport' | 'stop'>;

function requireServed(option: string, url: string): void {
  if (/^wss?:\/\//.test(url)) return;
  throw new OrderlabError('UNSUPPORTED_URL', { option, url, supported: 'ws://HOST:PORT and wss://HOST:PORT here' });
}

/** Both sides through the same adapter, so that a difference is one of the brokers and of nothing between. */
async function playAll({ against, broker, admin }: ConformanceFlags, play: Play): Promise<readonly ScriptReport[]> {
  const options = {
    namespace: `public/conformance-${Date.now().toString(36)}-${process.pid}`,
    delays: REAL_TEMPO.delays,
  };
  return onServedBroker(broker, async (url) => {
    const model = await openPulsar(options, { url, adminUrl: null });
    try {
      const real = await openPulsar(options, { url: against, adminUrl: admin ?? null });
      try {
        return await conformance({ ...play, model, broker: real, tempo: REAL_TEMPO });
      } finally {
        await real.close();
      }
    } finally {
      await model.close();
    }
  });
}

function report(
  reports: readonly ScriptReport[],
  scripts: readonly Script[],
  { json }: ConformanceFlags,
  terminal: Terminal,
): void {
  const isWhole = reports.length === scripts.length;
  const agree = reports.every(({ end }) => end.kind === 'agrees');
  process.exitCode = agree ? EXIT_BY_VERDICT[isWhole ? 'valid' : 'unknown'] : EXIT_BY_VERDICT.invalid;
  if (json === true) {
    const known = KNOWN_DIFFERENCES.map(({ scripts: of, fact, reason }) => ({
      scripts: of,
      fact: fact.source,
      reason,
    }));
    const shown = { agree: agree && isWhole, scriptCount: scripts.length, reports };
    terminal.print(JSON.stringify({ ...shown, knownDifferences: known, notModelled: NOT_MODELLED }));
  } else for (const line of conformanceLines(reports, scripts.length)) terminal.print(line);
}

function scriptsNamed(only: string | undefined): readonly Script[] {
  const words = only?.split(',') ?? [''];
  const scripts = SCRIPTS.filter(({ name }) => words.some((word) => name.includes(word.trim())));
  if (scripts.length > 0) return scripts;
  throw new OrderlabError('USAGE', { problem: `no script is named like ${only}` });
}
