/** `orderlab chaos`: kills, many of them, and what each design made of them. */
import type { Command } from 'commander';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import { CONSUMER_COUNT_MAX } from '../shared/config';
import { OrderlabError } from '../shared/errors';
import type { AnomalyId } from '../shared/model/anomaly';
import { STRATEGY_NAMES, type StrategyName } from '../shared/model/strategy';
import type { Verdict } from '../shared/model/verdict';
import { boundText } from './binomial-bound';
import { withTokenFile } from './broker-token';
import { chaosPlan } from './chaos-plan';
import { registerChaosWrite } from './command-chaos-write';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import { freshSeed, run, withoutSecret } from './run';
import { runFolderName } from './run-folder';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';

interface ChaosFlags {
  readonly kills: string;
  readonly strategies: string;
  readonly control: string;
  readonly consumers: string;
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly json?: boolean;
}

/** Kills of one run: more runs mean more seeds, more kills mean less time spent on starting. */
const KILLS_PER_RUN = 5;
const KILLS_MAX = 100_000;
/** Times as many runs as are needed when every kill counts; a machine on which more are needed shows nothing. */
const RUNS_SPARE = 3;

export function registerChaos(program: Command, terminal: Terminal): void {
  const command = program.command('chaos').enablePositionalOptions();
  withTokenFile(command)
    .description('kill consumers again and again, at seeded points, and count what was lost, doubled or swapped')
    .option('--kills <n>', 'kills that must count, per strategy: a message of the victim came again', '100')
    .option('--strategies <names>', 'designs that must survive', 'version-next-repair,atomic-setnx')
    .option('--control <name>', 'a design that must not survive a kill between effect and acknowledgement', 'no-guard')
    .option('--consumers <n>', 'competing consumers', '3')
    .option('--seed <seed>', 'replays the same plans (default: a fresh one, printed first)')
    .option('--broker <url>', 'embedded: or a real one; then every consumer is a process of its own', 'embedded:')
    .option('--store <url>', 'embedded: or redis://…', 'embedded:')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)")
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: ChaosFlags) => chaos(flags, terminal));
  registerChaosWrite(command, terminal);
}

/** What became of one strategy over all its runs. */
interface Tally {
  readonly strategy: StrategyName;
  readonly isControl: boolean;
  runs: number;
  kills: number;
  /** Kills after which a message of the victim came again; only these count. */
  counted: number;
  lost: number;
  doubled: number;
  swapped: number;
  unknown: number;
  /** Why runs could not be judged, with their folders. */
  readonly unknownBecause: string[];
  /** Runs of a control in which nothing was found. */
  unharmed: number;
}

async function chaos(flags: ChaosFlags, terminal: Terminal): Promise<void> {
  const wanted = wholeNumber('--kills', flags.kills, 1, KILLS_MAX);
  const seed = flags.seed ?? freshSeed();
  terminal.say(`seed ${seed}`);
  const interrupt = onInterrupt(terminal);
  const tallies = [...flags.strategies.split(',').map((name) => tallyOf(name, false)), tallyOf(flags.control, true)];
  try {
    for (const tally of tallies) {
      const runCountMax = RUNS_SPARE * Math.ceil(wanted / KILLS_PER_RUN);
      while (tally.counted < wanted && tally.runs < runCountMax && !interrupt.stopping) {
        await runOnce(tally, wanted, seed, flags, interrupt);
        terminal.say(`  ${tallyLine(tally)}`);
      }
    }
  } finally {
    interrupt.release();
  }
  report(tallies, { wanted, seed }, flags, terminal);
  if (interrupt.stopping) process.exitCode = EXIT_BY_VERDICT.unknown;
}

async function runOnce(
  tally: Tally,
  wanted: number,
  seed: string,
  flags: ChaosFlags,
  stop: { readonly stopping: boolean },
): Promise<void> {
  const random = seededRandom(seed).stream(tally.strategy, String(tally.runs));
  const runSeed = String(random.below(2 ** 32));
  const kills = Math.min(KILLS_PER_RUN, Math.max(1, wanted - tally.counted));
  const consumers = wholeNumber('--consumers', flags.consumers, 1, CONSUMER_COUNT_MAX);
  const plan = chaosPlan(
    { strategy: tally.strategy, seed: runSeed, kills, consumers, betweenEffectAndAck: tally.isControl },
    seededRandom(runSeed),
  );
  const { verdict, report } = await run({
    ...{ plan, brokerUrl: flags.broker, storeUrl: flags.store, clock: systemClock, skipBadLines: false, stop },
    ...(flags.admin === undefined ? {} : { adminUrl: flags.admin }),
    processes: flags.broker !== 'embedded:' && flags.store !== 'embedded:',
    folderPath: runFolderName(Date.now(), `chaos-${tally.strategy}`, runSeed),
    folderClash: 'number',
    replay: replayOf(seed, flags),
  });
  add(tally, verdict, report.runFolder);
}

function add(tally: Tally, { status, counts, anomalies, reasons }: Verdict, runFolder: string): void {
  const found = (id: AnomalyId): number => anomalies.find((anomaly) => anomaly.id === id)?.count ?? 0;
  const [lost, doubled, swapped] = [found('X1'), found('X2'), found('X3')];
  tally.runs += 1;
  tally.kills += counts.crashes;
  tally.counted += counts.crashesFollowed;
  tally.lost += lost;
  tally.doubled += doubled;
  tally.swapped += swapped;
  if (status === 'unknown') {
    tally.unknown += 1;
    tally.unknownBecause.push(`${reasons.join('; ')} (${runFolder})`);
  }
  if (lost + doubled + swapped === 0) tally.unharmed += 1;
}

function report(
  tallies: readonly Tally[],
  { wanted, seed }: { readonly wanted: number; readonly seed: string },
  flags: ChaosFlags,
  terminal: Terminal,
): void {
  const holds = (tally: Tally): boolean => tally.counted >= wanted && isAsClaimed(tally);
  const asClaimed = tallies.every(holds);
  const replay = replayOf(seed, flags);
  process.exitCode = asClaimed ? EXIT_BY_VERDICT.valid : EXIT_BY_VERDICT.invalid;
  if (flags.json === true) {
    terminal.print(JSON.stringify({ asClaimed, seed, replay, strategies: tallies }));
    return;
  }
  for (const tally of tallies) {
    terminal.print(`${holds(tally) ? 'ok ' : 'NOT'}  ${tallyLine(tally)}`);
    for (const reason of tally.unknownBecause) terminal.print(`     unknown: ${reason}`);
  }
  terminal.print(`replay: ${replay}`);
}

/** A control that survives shows that the kills did not bite. */
function isAsClaimed({ isControl, lost, doubled, swapped, unharmed, unknown }: Tally): boolean {
  return isControl ? unharmed === 0 : lost + doubled + swapped + unknown === 0;
}

function tallyLine({ strategy, isControl, runs, kills, counted, lost, doubled, swapped, unknown }: Tally): string {
  /** What was lost is counted in events and not in kills, so there is a bound only where nothing was. */
  const bound = isControl || lost + doubled + swapped > 0 ? '' : `, ${boundText(0, counted, 'kills')}`;
  const name = `${strategy}${isControl ? ' (control)' : ''}`;
  return `${name}: ${counted} of ${kills} kills counted in ${runs} runs: ${lost} lost, ${doubled} doubled, ${swapped} swapped, ${unknown} unknown${bound}`;
}

function tallyOf(name: string, isControl: boolean): Tally {
  const strategy = STRATEGY_NAMES.find((known) => known === name.trim());
  if (strategy === undefined) throw new OrderlabError('UNKNOWN_NAME', { kind: 'strategy', kinds: 'strategies', name });
  return {
    strategy,
    isControl,
    runs: 0,
    kills: 0,
    counted: 0,
    lost: 0,
    doubled: 0,
    swapped: 0,
    unknown: 0,
    unknownBecause: [],
    unharmed: 0,
  };
}

function replayOf(seed: string, { kills, strategies, control, broker, admin, store }: ChaosFlags): string {
  const place = `--broker ${broker}${admin === undefined ? '' : ` --admin ${admin}`} --store ${store}`;
  return withoutSecret(
    `orderlab chaos --kills ${kills} --strategies ${strategies} --control ${control} ${place} --seed ${seed}`,
  );
}
