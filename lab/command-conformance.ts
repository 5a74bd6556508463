/** `orderlab conformance`: the broker model held against a real Pulsar, script by script. */
import type { Command } from 'commander';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import { conformance } from './conformance/conformance';
import type { ScriptReport } from './conformance/duel';
import { KNOWN_DIFFERENCES, NOT_MODELLED } from './conformance/known-differences';
import { conformanceLines, scriptLines } from './conformance/report';
import type { Script } from './conformance/script';
import { SCRIPTS } from './conformance/scripts';
import { openModel, openPulsar } from './conformance/subject';
import { REAL_TEMPO } from './conformance/tempo';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

const AT_ONCE_MAX = 64;

interface ConformanceFlags {
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
    .requiredOption('--broker <url>', 'a real one: ws://HOST:PORT or wss://…')
    .option('--admin <url>', "Pulsar's admin API (default: the address of the broker, as http)")
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
  if (!/^wss?:\/\//.test(flags.broker)) {
    const supported = 'ws://HOST:PORT and wss://HOST:PORT here';
    throw new OrderlabError('UNSUPPORTED_URL', { option: '--broker', url: flags.broker, supported });
  }
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

async function playAll({ broker: url, admin }: ConformanceFlags, play: Play): Promise<readonly ScriptReport[]> {
  const options = {
    namespace: `public/conformance-${Date.now().toString(36)}-${process.pid}`,
    delays: REAL_TEMPO.delays,
  };
  const model = openModel(options, systemClock);
  const broker = await openPulsar(options, { url, adminUrl: admin ?? null });
  try {
    return await conformance({ ...play, model, broker, tempo: REAL_TEMPO });
  } finally {
    await model.close();
    await broker.close();
  }
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
