/** `orderlab repeat`: one scenario or one ad-hoc run many times, each with a seed of its own, and what that says about the next one. */
import type { Command } from 'commander';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import type { RunInput } from '../shared/config';
import { OrderlabError } from '../shared/errors';
import type { AnomalyId } from '../shared/model/anomaly';
import type { Plan } from '../shared/model/plan';
import type { Verdict } from '../shared/model/verdict';
import { scenarioNamed } from '../shared/scenarios/registry';
import { adHocPlan, withPlanOptions } from './ad-hoc-plan';
import { boundText } from './binomial-bound';
import { withTokenFile } from './broker-token';
import { EXIT_BY_VERDICT } from './exit-code';
import { differences } from './expectation';
import { type Interrupt, onInterrupt } from './interrupt';
import { adminOf, OWN_BROKER_TEXT, type OwnBroker, openOwnBroker } from './own-broker';
import { freshSeed, run, withoutSecret } from './run';
import { runFolderName } from './run-folder';
import { seededScenarioPlan } from './seeded-scenario';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface RepeatFlags extends RunInput, Flags {
  readonly seed?: string;
}

/** Options of the command itself; the others describe the run (shared/config.ts). */
interface Flags {
  readonly runs: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string | undefined;
  readonly processes?: boolean | undefined;
  readonly ownBroker?: string | undefined;
  readonly json?: boolean | undefined;
  readonly tokenFile?: string | undefined;
}

const RUN_COUNT_HIGHEST = 10_000;

export function registerRepeat(program: Command, terminal: Terminal): void {
  const command = program
    .command('repeat')
    .description('run a scenario again and again, each time with another seed, and count what went wrong')
    .argument('[scenario]', 'orderlab list scenarios (default: none; the options below describe the run)');
  withTokenFile(withPlanOptions(command))
    .option('--runs <n>', 'how many runs', '10')
    .option('--seed <seed>', 'the seeds of the runs are drawn from it (default: a fresh one, printed first)')
    .option('--broker <url>', 'where messages go', 'embedded:')
    .option('--store <url>', 'where the read model lives', 'embedded:')
    .option('--processes', 'every consumer in a process of its own')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)")
    .option('--own-broker <folder>', OWN_BROKER_TEXT)
    .option('--json', 'print one JSON object and nothing else')
    .action((name: string | undefined, flags: RepeatFlags) => repeat(name, flags, terminal));
}

/** What became of the runs. */
interface Tally {
  runs: number;
  outOfOrder: number;
  lost: number;
  doubled: number;
  unknown: number;
  /** Runs that did not end as the scenario states, or as an ad-hoc run claims. */
  unexpected: number;
  /** Seeds of the runs in which something forbidden was found, by its class. */
  readonly found: Partial<Record<AnomalyId, string[]>>;
}

/** What is played again and again. */
interface Subject {
  readonly name: string;
  readonly planOf: (seed: string) => Promise<Plan>;
  /** How a verdict differs from what a scenario states, or an ad-hoc run claims; none: it does not. */
  readonly problemsOf: (verdict: Verdict) => readonly string[];
  /** What stands for it after `orderlab repeat`, and after `orderlab run`. */
  readonly repeatWords: string;
  readonly runWords: string;
}

function subjectOf(name: string | undefined, input: RunInput): Subject {
  const words = Object.entries(input)
    .map(([option, value]) => wordsOf(option, value))
    .join(' ');
  if (name === undefined) return adHoc(input, words);
  const scenario = scenarioNamed(name);
  if (scenario === null) throw new OrderlabError('UNKNOWN_NAME', { kind: 'scenario', kinds: 'scenarios', name });
  if (words !== '') throw usage(`a scenario brings its own plan: leave out ${words}, or the name ${name}`);
  return {
    ...{ name, planOf: async (seed) => seededScenarioPlan(scenario, seed) },
    ...{ problemsOf: (verdict) => differences(scenario.expected, verdict) },
    ...{ repeatWords: name, runWords: `--scenario ${name} --expect` },
  };
}

function adHoc(input: RunInput, words: string): Subject {
  if (input.trace === '-')
    throw usage('--trace -: standard input can be read once only, and every run reads the trace');
  return {
    ...{ name: 'ad-hoc', planOf: async (seed) => (await adHocPlan(input, seed, false)).plan },
    ...{ problemsOf: claimProblems, repeatWords: words, runWords: words },
  };
}

function claimProblems(verdict: Verdict): readonly string[] {
  const found = forbiddenOf(verdict).map(({ id, count }) => `${id} ${count} times`);
  if (verdict.status === 'valid') return [];
  return [[verdict.status, ...(found.length > 0 ? found : verdict.reasons)].join(', ')];
}

function wordsOf(option: string, value: unknown): string {
  const name = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === true ? name : `${name} ${String(value)}`;
}

function usage(problem: string): OrderlabError {
  return new OrderlabError('USAGE', { problem });
}

async function repeat(name: string | undefined, given: RepeatFlags, terminal: Terminal): Promise<void> {
  const {
    runs,
    seed: asked,
    broker,
    store,
    admin,
    processes,
    ownBroker,
    json,
    tokenFile: _tokenFile,
    ...input
  } = given;
  const flags: Flags = { runs, broker, store, admin, processes, ownBroker, json };
  const subject = subjectOf(name, input);
  const wanted = wholeNumber('--runs', runs, 1, RUN_COUNT_HIGHEST);
  const seed = asked ?? freshSeed();
  terminal.say(`seed ${seed}`);
  const interrupt = onInterrupt(terminal);
  const tally: Tally = { runs: 0, outOfOrder: 0, lost: 0, doubled: 0, unknown: 0, unexpected: 0, found: {} };
  let own: OwnBroker | null = null;
  try {
    own = await openOwnBroker(ownBroker, broker, terminal);
    while (tally.runs < wanted && !interrupt.stopping) {
      const runSeed = String(
        seededRandom(seed)
          .stream('run', String(tally.runs))
          .below(2 ** 32),
      );
      const verdict = await runOnce(subject, runSeed, own, flags, interrupt);
      /** What was interrupted could not have failed. */
      if (!interrupt.stopping) add(tally, runSeed, subject, verdict, flags, terminal);
    }
  } finally {
    await own?.close();
    interrupt.release();
  }
  report(tally, seed, subject, flags, terminal);
  if (interrupt.stopping) process.exitCode = EXIT_BY_VERDICT.unknown;
}

async function runOnce(
  subject: Subject,
  seed: string,
  own: OwnBroker | null,
  flags: Flags,
  stop: Interrupt,
): Promise<Verdict> {
  const { broker, store, admin, processes = false } = flags;
  const { verdict } = await run({
    ...(own === null ? {} : { ownBroker: own }),
    ...{ plan: await subject.planOf(seed), brokerUrl: own?.url ?? broker, storeUrl: store, processes, stop },
    ...adminOf(own, admin),
    ...{ clock: systemClock, skipBadLines: false, folderPath: runFolderName(Date.now(), subject.name, seed) },
    folderClash: 'number',
    replay: replayOne(subject, seed, flags),
  });
  return verdict;
}

function add(tally: Tally, seed: string, subject: Subject, verdict: Verdict, flags: Flags, terminal: Terminal): void {
  const found = (...ids: readonly AnomalyId[]): number =>
    verdict.anomalies.some(({ id }) => ids.includes(id)) ? 1 : 0;
  const problems = subject.problemsOf(verdict);
  tally.runs += 1;
  tally.outOfOrder += found('W8', 'D3', 'X3');
  tally.lost += found('X1');
  tally.doubled += found('X2');
  tally.unknown += verdict.status === 'unknown' ? 1 : 0;
  tally.unexpected += problems.length > 0 ? 1 : 0;
  for (const { id } of forbiddenOf(verdict)) tally.found[id] = [...(tally.found[id] ?? []), seed];
  terminal.say(`  run ${tally.runs}, seed ${seed}: ${problems.length === 0 ? 'as expected' : problems.join('; ')}`);
  if (problems.length > 0) terminal.say(`    replay: ${replayOne(subject, seed, flags)}`);
}

function forbiddenOf({ anomalies }: Verdict): Verdict['anomalies'] {
  return anomalies.filter(({ standing }) => standing === 'forbidden');
}

function report(tally: Tally, seed: string, subject: Subject, flags: Flags, terminal: Terminal): void {
  const { runs, outOfOrder, lost, doubled, unknown, unexpected, found } = tally;
  const words = [subject.repeatWords, `--runs ${flags.runs}`, placeText(flags), `--seed ${seed}`];
  const replay = withoutSecret(['orderlab repeat', ...words.filter((word) => word !== '')].join(' '));
  process.exitCode = unexpected === 0 && runs > 0 ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
  if (flags.json === true) {
    terminal.print(JSON.stringify({ scenario: subject.name, ...tally, seed, replay }));
    return;
  }
  terminal.print(`${outOfOrder} of ${runs} runs out of order, ${boundText(outOfOrder, runs, 'runs')}`);
  terminal.print(
    `  ${lost} lost an event, ${doubled} applied one twice, ${unknown} unknown, ${unexpected} not as expected`,
  );
  for (const [id, seeds] of Object.entries(found))
    terminal.print(`  ${id} in ${seeds.length} of ${runs} runs, with the seeds ${seeds.join(', ')}`);
  terminal.print(`replay: ${replay}`);
}

function replayOne({ runWords }: Subject, seed: string, flags: Flags): string {
  return withoutSecret(['orderlab run', runWords, placeText(flags), `--seed ${seed}`].filter(Boolean).join(' '));
}

function placeText({ broker, store, admin, processes, ownBroker }: Flags): string {
  return [
    ...(ownBroker === undefined ? [] : [`--own-broker ${ownBroker}`]),
    ...(ownBroker !== undefined && broker === 'embedded:' ? [] : [`--broker ${broker}`]),
    ...(admin === undefined ? [] : [`--admin ${admin}`]),
    `--store ${store}`,
    ...(processes ? ['--processes'] : []),
  ].join(' ');
}
