/** `orderlab repeat`: one scenario many times, each run with a seed of its own, and what that says about the next one. */
import type { Command } from 'commander';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import { OrderlabError } from '../shared/errors';
import type { AnomalyId } from '../shared/model/anomaly';
import type { Scenario } from '../shared/model/scenario';
import type { Verdict } from '../shared/model/verdict';
import { scenarioNamed } from '../shared/scenarios/registry';
import { boundText } from './binomial-bound';
import { EXIT_BY_VERDICT } from './exit-code';
import { differences } from './expectation';
import { type Interrupt, onInterrupt } from './interrupt';
import { OWN_BROKER_TEXT, type OwnBroker, openOwnBroker } from './own-broker';
import { freshSeed, run, withoutSecret } from './run';
import { runFolderName } from './run-folder';
import { seededScenarioPlan } from './seeded-scenario';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface RepeatFlags {
  readonly runs: string;
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly processes?: boolean;
  readonly ownBroker?: string;
  readonly json?: boolean;
}

const RUN_COUNT_HIGHEST = 10_000;

export function registerRepeat(program: Command, terminal: Terminal): void {
  program
    .command('repeat')
    .description('run a scenario again and again, each time with another seed, and count what went wrong')
    .argument('<scenario>', 'orderlab list scenarios')
    .option('--runs <n>', 'how many runs', '10')
    .option('--seed <seed>', 'the seeds of the runs are drawn from it (default: a fresh one, printed first)')
    .option('--broker <url>', 'where messages go', 'embedded:')
    .option('--store <url>', 'where the read model lives', 'embedded:')
    .option('--processes', 'every consumer in a process of its own')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)")
    .option('--own-broker <folder>', OWN_BROKER_TEXT)
    .option('--json', 'print one JSON object and nothing else')
    .action((name: string, flags: RepeatFlags) => repeat(name, flags, terminal));
}

/** What became of the runs. */
interface Tally {
  runs: number;
  outOfOrder: number;
  lost: number;
  doubled: number;
  unknown: number;
  /** Runs that did not end as the scenario states. */
  unexpected: number;
}

async function repeat(name: string, flags: RepeatFlags, terminal: Terminal): Promise<void> {
  const scenario = scenarioNamed(name);
  if (scenario === null) throw new OrderlabError('UNKNOWN_NAME', { kind: 'scenario', kinds: 'scenarios', name });
  const wanted = wholeNumber('--runs', flags.runs, 1, RUN_COUNT_HIGHEST);
  const seed = flags.seed ?? freshSeed();
  terminal.say(`seed ${seed}`);
  const interrupt = onInterrupt(terminal);
  const tally: Tally = { runs: 0, outOfOrder: 0, lost: 0, doubled: 0, unknown: 0, unexpected: 0 };
  let own: OwnBroker | null = null;
  try {
    own = await openOwnBroker(flags.ownBroker, flags.broker, terminal);
    while (tally.runs < wanted && !interrupt.stopping) {
      const runSeed = String(
        seededRandom(seed)
          .stream('run', String(tally.runs))
          .below(2 ** 32),
      );
      const verdict = await runOnce(scenario, runSeed, own, flags, interrupt);
      /** What was interrupted could not have failed. */
      if (!interrupt.stopping) add(tally, runSeed, scenario, verdict, flags, terminal);
    }
  } finally {
    await own?.close();
    interrupt.release();
  }
  report(tally, seed, name, flags, terminal);
  if (interrupt.stopping) process.exitCode = EXIT_BY_VERDICT.unknown;
}

async function runOnce(
  scenario: Scenario,
  seed: string,
  own: OwnBroker | null,
  { broker, store, admin, processes = false, ...flags }: RepeatFlags,
  stop: Interrupt,
): Promise<Verdict> {
  const { verdict } = await run({
    ...(own === null ? {} : { ownBroker: own }),
    ...{ plan: seededScenarioPlan(scenario, seed), brokerUrl: own?.url ?? broker, storeUrl: store, processes, stop },
    ...(admin === undefined ? {} : { adminUrl: admin }),
    ...{ clock: systemClock, skipBadLines: false, folderPath: runFolderName(Date.now(), scenario.name, seed) },
    replay: replayOne(scenario.name, seed, { broker, store, processes, ...flags }),
  });
  return verdict;
}

function add(
  tally: Tally,
  seed: string,
  scenario: Scenario,
  verdict: Verdict,
  flags: RepeatFlags,
  terminal: Terminal,
): void {
  const found = (...ids: readonly AnomalyId[]): number =>
    verdict.anomalies.some(({ id }) => ids.includes(id)) ? 1 : 0;
  const problems = differences(scenario.expected, verdict);
  tally.runs += 1;
  tally.outOfOrder += found('W8', 'D3', 'X3');
  tally.lost += found('X1');
  tally.doubled += found('X2');
  tally.unknown += verdict.status === 'unknown' ? 1 : 0;
  tally.unexpected += problems.length > 0 ? 1 : 0;
  terminal.say(`  run ${tally.runs}, seed ${seed}: ${problems.length === 0 ? 'as expected' : problems.join('; ')}`);
  if (problems.length > 0) terminal.say(`    replay: ${replayOne(scenario.name, seed, flags)}`);
}

function report(tally: Tally, seed: string, name: string, flags: RepeatFlags, terminal: Terminal): void {
  const { runs, outOfOrder, lost, doubled, unknown, unexpected } = tally;
  const replay = withoutSecret(`orderlab repeat ${name} --runs ${flags.runs} ${placeText(flags)} --seed ${seed}`);
  process.exitCode = unexpected === 0 && runs > 0 ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
  if (flags.json === true) {
    terminal.print(JSON.stringify({ scenario: name, ...tally, seed, replay }));
    return;
  }
  terminal.print(`${outOfOrder} of ${runs} runs out of order, ${boundText(outOfOrder, runs, 'runs')}`);
  terminal.print(
    `  ${lost} lost an event, ${doubled} applied one twice, ${unknown} unknown, ${unexpected} not as expected`,
  );
  terminal.print(`replay: ${replay}`);
}

function replayOne(name: string, seed: string, flags: Omit<RepeatFlags, 'runs'>): string {
  return withoutSecret(`orderlab run --scenario ${name} --expect ${placeText(flags)} --seed ${seed}`);
}

function placeText({ broker, store, admin, processes, ownBroker }: Omit<RepeatFlags, 'runs'>): string {
  const at = ownBroker === undefined ? `--broker ${broker}` : `--own-broker ${ownBroker}`;
  return [
    at,
    ...(admin === undefined ? [] : [`--admin ${admin}`]),
    `--store ${store}`,
    ...(processes ? ['--processes'] : []),
  ].join(' ');
}
