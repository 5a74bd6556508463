/** `orderlab conformance`: the broker model held against a real Pulsar, script by script, through one adapter. */
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { causeText, OrderlabError } from '../shared/errors';
import { withTokenFile } from './broker-token';
import { huntMutants } from './command-conformance-mutant';
import { type ConformanceOptions, conformance } from './conformance/conformance';
import { coverageLines } from './conformance/coverage';
import type { ScriptReport } from './conformance/duel';
import { KNOWN_DIFFERENCES } from './conformance/known-differences';
import type { Drawing } from './conformance/random-run';
import { RECORDED_IN } from './conformance/recording';
import { conformanceLines, scriptLines } from './conformance/report';
import type { Script } from './conformance/script';
import { SCRIPTS } from './conformance/scripts';
import { openPulsar, type Subject } from './conformance/subject';
import { REAL_TEMPO } from './conformance/tempo';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import { onServedBroker } from './reachable-broker';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

const AT_ONCE_MAX = 64;
const RANDOM_COUNT_MAX = 100_000;
/** Seeds of fast-check have 32 bits, one of them for the sign. */
const RANDOM_SEED_MAX = 2 ** 31 - 1;
const MODEL_URL = 'embedded:';

interface ConformanceFlags {
  readonly against?: string;
  readonly broker: string;
  readonly admin?: string;
  readonly only?: string;
  readonly random?: string;
  readonly seed?: string;
  readonly path?: string;
  readonly record?: string;
  readonly mutant?: string;
  readonly list?: boolean;
  readonly atOnce: string;
  readonly json?: boolean;
}

export function registerConformance(program: Command, terminal: Terminal): void {
  withTokenFile(program.command('conformance'))
    .description('play scripts on the broker model and on a real Pulsar, and compare what consumers get, key by key')
    .option('--against <url>', 'a real one: ws://HOST:PORT or wss://…')
    .option('--broker <url>', 'what is held against it: the model, served for the occasion, or ws://…', MODEL_URL)
    .option('--admin <url>', "the real one's admin API (default: its address, as http)")
    .option('--only <words>', 'only scripts whose name contains one of these, separated by commas')
    .option('--random <n>', 'as many scripts drawn at random instead; the first that differs is shrunk')
    .option('--seed <seed>', 'what they are drawn from (default: a fresh one, printed first)')
    .option('--path <path>', 'the one script at this place of the seed, as an earlier run printed it')
    .option('--record <folder>', 'write down what the real one showed in the scripts that agree')
    .option('--mutant <name>', 'play the scripts that find out this mutant of the model instead (all, list)')
    .option('--list', 'print what Pulsar does with the scripts that reach it, or why none can, and play nothing')
    .option('--at-once <n>', 'scripts that run at the same time', '12')
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: ConformanceFlags) => command(flags, terminal));
}

async function command(flags: ConformanceFlags, terminal: Terminal): Promise<void> {
  if (flags.list === true) {
    for (const line of coverageLines()) terminal.print(line);
    return;
  }
  const { mutant } = flags;
  if (mutant !== undefined) {
    await huntMutants({ ...flags, mutant }, scriptsNamed(flags.only), terminal);
    return;
  }
  const against = requireServed('--against', flags.against ?? 'nothing');
  if (flags.broker !== MODEL_URL) requireServed('--broker', flags.broker);
  const drawing = drawingOf(flags, terminal);
  const scripts = drawing === null ? scriptsNamed(flags.only) : [];
  const atOnce = wholeNumber('--at-once', flags.atOnce, 1, AT_ONCE_MAX);
  const interrupt = onInterrupt(terminal);
  try {
    const onReport = (each: ScriptReport): void => {
      if (flags.json !== true) for (const line of scriptLines(each)) terminal.print(line);
      if (flags.record !== undefined) record(flags.record, each);
    };
    await onBothSides({ ...flags, against }, async (sides) => {
      const played = { ...sides, atOnce, onReport, stop: interrupt, tempo: REAL_TEMPO };
      const reports =
        drawing === null
          ? await conformance({ ...played, scripts })
          : await playDrawn(drawing, against, played, terminal);
      report(reports, drawing?.count ?? scripts.length, flags, terminal);
    });
  } finally {
    interrupt.release();
  }
}

/** Null: none were asked for. Prints the seed. */
function drawingOf({ random, seed, path: asked, json }: ConformanceFlags, terminal: Terminal): Drawing | null {
  if (random === undefined) return null;
  const path = asked ?? null;
  const drawing = {
    seed: seed === undefined ? randomInt(RANDOM_SEED_MAX) : wholeNumber('--seed', seed, 0, RANDOM_SEED_MAX),
    count: path === null ? wholeNumber('--random', random, 1, RANDOM_COUNT_MAX) : 1,
    path,
  };
  if (json !== true) terminal.print(`seed ${drawing.seed}`);
  return drawing;
}

/** Plays what was drawn; the command that has the first one that differs again comes last of what is said. */
async function playDrawn(
  drawing: Drawing,
  against: string,
  played: Played,
  terminal: Terminal,
): Promise<readonly ScriptReport[]> {
  // Loading fast-check takes a tenth of a second, so only where something is drawn.
  const { playRandom } = require('./conformance/random-run') as typeof import('./conformance/random-run');
  const { reports, smallest } = await playRandom({ ...played, drawing });
  if (smallest !== null) {
    const again = `--random 1 --seed ${drawing.seed} --path '${smallest.path}'`;
    terminal.say(`to have it again: npm run conformance -- --against ${against} ${again}`);
  }
  return reports;
}

function record(folder: string, { script, recording }: ScriptReport): void {
  if (recording === null) return;
  const file = join(folder, `${script}.txt`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, recording);
  } catch (thrown) {
    throw new OrderlabError('FILE_UNWRITABLE', { path: file, cause: causeText(thrown) }, thrown);
  }
}

function requireServed(option: string, url: string): string {
  if (/^wss?:\/\//.test(url)) return url;
  throw new OrderlabError('UNSUPPORTED_URL', { option, url, supported: 'ws://HOST:PORT and wss://HOST:PORT here' });
}

type Played = Omit<ConformanceOptions, 'scripts'>;

/** Both through the same adapter, so that a difference is one of the brokers and of nothing between. */
interface Sides {
  readonly model: Subject;
  readonly broker: Subject;
}

type Addresses = Pick<ConformanceFlags, 'broker' | 'admin' | 'record'> & { readonly against: string };

async function onBothSides(
  { against, broker: modelUrl, admin, record: recordsTo }: Addresses,
  work: (sides: Sides) => Promise<void>,
): Promise<void> {
  const ownNamespace = `public/conformance-${Date.now().toString(36)}-${process.pid}`;
  const namespace = recordsTo === undefined ? ownNamespace : RECORDED_IN;
  const options = { namespace, delays: REAL_TEMPO.delays };
  await onServedBroker(modelUrl, async (url) => {
    const model = await openPulsar(options, { url, adminUrl: null });
    try {
      const broker = await openPulsar(options, { url: against, adminUrl: admin ?? null });
      try {
        await work({ model, broker });
      } finally {
        await broker.close();
      }
    } finally {
      await model.close();
    }
  });
}

function report(
  reports: readonly ScriptReport[],
  scriptCount: number,
  { json }: ConformanceFlags,
  terminal: Terminal,
): void {
  const isWhole = reports.length === scriptCount;
  const agree = reports.every(({ end }) => end.kind === 'agrees');
  process.exitCode = agree ? EXIT_BY_VERDICT[isWhole ? 'valid' : 'unknown'] : EXIT_BY_VERDICT.invalid;
  if (json === true) {
    const known = KNOWN_DIFFERENCES.map(({ scripts: of, fact, reason }) => ({
      scripts: of,
      fact: fact.source,
      reason,
    }));
    const shown = { agree: agree && isWhole, scriptCount, reports };
    terminal.print(JSON.stringify({ ...shown, knownDifferences: known }));
  } else for (const line of conformanceLines(reports, scriptCount)) terminal.print(line);
}

function scriptsNamed(only: string | undefined): readonly Script[] {
  const words = only?.split(',') ?? [''];
  const scripts = SCRIPTS.filter(({ name }) => words.some((word) => name.includes(word.trim())));
  if (scripts.length > 0) return scripts;
  throw new OrderlabError('USAGE', { problem: `no script is named like ${only}` });
}
