/** `orderlab chaos write`: everything at once done to a service that is scaled on both sides, again and again. */
import type { Command } from 'commander';
import { seededRandom } from '../shared/adapters/seeded-random';
import { systemClock } from '../shared/adapters/system-clock';
import type { Plan } from '../shared/model/plan';
import type { VerdictStatus } from '../shared/model/verdict';
import { boundText } from './binomial-bound';
import { withTokenFile } from './broker-token';
import { EXIT_BY_VERDICT } from './exit-code';
import { onInterrupt } from './interrupt';
import { freshSeed, run, withoutSecret } from './run';
import { runFolderName } from './run-folder';
import type { Terminal } from './terminal';
import { wholeNumber } from './whole-number';
import { needsMet } from './world-needs';
import { writeChaosPlan } from './write-chaos-plan';

interface ChaosWriteFlags {
  readonly minutes: string;
  readonly runs?: string;
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly processes?: boolean;
  readonly json?: boolean;
}

const MINUTES_MAX = 24 * 60;
const RUNS_MAX = 1_000_000;

export function registerChaosWrite(chaos: Command, terminal: Terminal): void {
  withTokenFile(chaos.command('write'))
    .description(
      'scale a service on both sides and kill, pause and cut off its instances, relays and consumers and its store, at places drawn from a seed',
    )
    .option('--minutes <n>', 'how long; a run that has begun by then is brought to its end', '1')
    .option('--runs <n>', 'this many runs, however long they take')
    .option('--seed <seed>', 'of the first run; the others follow from it (default: a fresh one, printed first)')
    .option('--broker <url>', 'embedded: or a real one, which is unloaded too', 'embedded:')
    .option(
      '--store <url>',
      'embedded: or redis://…; the run starts a Redis of its own beside it, and kills that one',
      'embedded:',
    )
    .option('--processes', 'every instance and every consumer in a process of its own (needs --store redis://…)')
    .option('--admin <url>', "Pulsar's admin API (default: that of a ws:// broker, as http; needed with pulsar://)")
    .option('--json', 'print one JSON object and nothing else')
    .action((flags: ChaosWriteFlags) => chaosWrite(flags, terminal));
}

/** One run and what became of it. */
interface Outcome {
  readonly seed: string;
  readonly status: VerdictStatus;
  readonly faultCount: number;
  readonly why: readonly string[];
  readonly runFolder: string;
  readonly replay: string;
}

async function chaosWrite(flags: ChaosWriteFlags, terminal: Terminal): Promise<void> {
  const minutes = wholeNumber('--minutes', flags.minutes, 1, MINUTES_MAX);
  const runCount = flags.runs === undefined ? null : wholeNumber('--runs', flags.runs, 1, RUNS_MAX);
  const first = flags.seed ?? freshSeed();
  terminal.say(`seed ${first}`);
  const seeds = seededRandom(first).stream('chaos', 'runs');
  const interrupt = onInterrupt(terminal);
  const outcomes: Outcome[] = [];
  try {
    const endMs = performance.now() + minutes * 60_000;
    const isOver = (): boolean => (runCount === null ? performance.now() >= endMs : outcomes.length >= runCount);
    while (!interrupt.stopping && (outcomes.length === 0 || !isOver())) {
      const seed = outcomes.length === 0 ? first : String(seeds.below(2 ** 32));
      const outcome = await runOnce(seed, flags, interrupt);
      outcomes.push(outcome);
      terminal.say(`  run ${outcomes.length}, seed ${seed}: ${outcome.status}, ${outcome.faultCount} faults`);
    }
  } finally {
    interrupt.release();
  }
  report(outcomes, first, flags, terminal);
  if (interrupt.stopping) process.exitCode = EXIT_BY_VERDICT.unknown;
}

async function runOnce(seed: string, flags: ChaosWriteFlags, stop: { readonly stopping: boolean }): Promise<Outcome> {
  const { broker: brokerUrl, store: storeUrl, admin, processes = false } = flags;
  const offers = needsMet({ brokerUrl, processes, ownsBroker: false });
  const replay = replayOf(seed, flags);
  const plan = writeChaosPlan({ seed, offers }, seededRandom(seed));
  const { verdict, report } = await run({
    ...{ plan, brokerUrl, storeUrl, clock: systemClock, skipBadLines: false, stop, processes, replay },
    ...(admin === undefined ? {} : { adminUrl: admin }),
    folderPath: runFolderName(Date.now(), 'chaos-write', seed),
    folderClash: 'number',
  });
  const { status, reasons } = verdict;
  const why = status === 'valid' ? [] : reasons;
  return { seed, status, why, faultCount: faultCountOf(plan), runFolder: report.runFolder, replay: report.replay };
}

/** All that a plan does to a run; one that does not strike leaves the run unknown. */
function faultCountOf({ faults, workload }: Plan): number {
  if (workload.kind !== 'commands') return faults.length;
  const { crashes, pauses, relay } = workload.writeSide;
  return faults.length + crashes.length + pauses.length + (relay?.crashes.length ?? 0);
}

function report(outcomes: readonly Outcome[], seed: string, flags: ChaosWriteFlags, terminal: Terminal): void {
  const valid = outcomes.filter(({ status }) => status === 'valid').length;
  const invalid = outcomes.filter(({ status }) => status === 'invalid').length;
  const faults = outcomes.reduce((sum, outcome) => sum + outcome.faultCount, 0);
  const isValid = valid > 0 && valid === outcomes.length;
  process.exitCode = EXIT_BY_VERDICT[invalid > 0 ? 'invalid' : isValid ? 'valid' : 'unknown'];
  if (flags.json === true) {
    terminal.print(JSON.stringify({ holds: isValid, seed, runs: outcomes }));
    return;
  }
  const bound = invalid === 0 && valid > 0 ? `, ${boundText(0, valid, 'runs')}` : '';
  terminal.print(
    `${isValid ? 'ok ' : 'NOT'}  ${outcomes.length} runs, ${faults} faults: ${invalid} invalid, ${outcomes.length - valid - invalid} unknown${bound}`,
  );
  for (const { status, why, runFolder, replay } of outcomes) {
    if (status === 'valid') continue;
    terminal.print(`     ${status}: ${why.join('; ')} (${runFolder})`);
    terminal.print(`     replay: ${replay}`);
  }
  terminal.print(`replay: ${replayOf(seed, flags, outcomes.length)}`);
}

function replayOf(seed: string, flags: ChaosWriteFlags, runs = 1): string {
  const { broker, store, admin, processes } = flags;
  const place = [
    `--broker ${broker}`,
    ...(admin === undefined ? [] : [`--admin ${admin}`]),
    ...[`--store ${store}`, ...(processes === true ? ['--processes'] : [])],
  ];
  return withoutSecret(`orderlab chaos write --runs ${runs} ${place.join(' ')} --seed ${seed}`);
}
