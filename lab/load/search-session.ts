/** Sessions of several loads in a row: `orderlab load compare` and `orderlab load find-max`. */
import { writeFileSync } from 'node:fs';
import { systemClock } from '../../shared/adapters/system-clock';
import { causeText, OrderlabError } from '../../shared/errors';
import { PULSAR_SPELLING } from '../../shared/model/subscription';
import { EXIT_BY_VERDICT } from '../exit-code';
import { onInterrupt } from '../interrupt';
import { replayCommand } from '../replay-command';
import { freshRunId, freshSeed, withoutSecret } from '../run';
import type { Terminal } from '../terminal';
import { wholeNumber } from '../whole-number';
import { cornerOf } from '../world';
import { compareTopologies, comparisonLines } from './compare';
import { comparisonPage } from './comparison-page';
import { findMax, type RateStep, readGoal } from './find-max';
import { runLoad } from './load';
import { LOAD_RATE_MAX } from './load-limits';
import { type LoadReport, latencyText } from './load-report';
import { type LoadInput, readLoadInput } from './load-settings';

interface SearchFlags extends LoadInput {
  readonly seed?: string;
  readonly broker: string;
  readonly store: string;
  readonly admin?: string;
  readonly json?: boolean;
}

export interface CompareFlags extends SearchFlags {
  readonly html?: string;
}

export interface FindMaxFlags extends SearchFlags {
  readonly slo: string;
  readonly rateMax?: string;
}

/** Rates closer than this share are one. */
const PRECISION = 0.1;

/** One load after the other, and a table. Loaded by name, when it is asked for. @public */
export async function performCompare(flags: CompareFlags, terminal: Terminal): Promise<void> {
  const { html, json, ...rest } = flags;
  const search = openSearch(rest, terminal);
  try {
    const comparison = await compareTopologies(
      (topology) => search.load({ ...search.input, topology }),
      (type) => terminal.say(`${PULSAR_SPELLING[type]}: done`),
    );
    if (html !== undefined) writePage(html, comparisonPage(comparison));
    if (json === true) terminal.print(JSON.stringify(comparison));
    else for (const line of [...comparisonLines(comparison), `replay: ${search.replay}`]) terminal.print(line);
  } finally {
    search.release();
  }
}

/** The search, step by step, and the evidence. Loaded by name, when it is asked for. @public */
export async function performFindMax(flags: FindMaxFlags, terminal: Terminal): Promise<void> {
  const { slo, rateMax, json, ...rest } = flags;
  const goal = readGoal(slo);
  const search = openSearch(rest, terminal);
  const startRate = readLoadInput(search.input, search.seed).shape.ratePerSecond;
  if (startRate === null) throw new OrderlabError('USAGE', { problem: 'find-max needs a --rate to start from' });
  try {
    const found = await findMax({
      ...{ goal, startRate, precision: PRECISION, stop: search.stop },
      rateMax: rateMax === undefined ? LOAD_RATE_MAX : wholeNumber('--rate-max', rateMax, 1, LOAD_RATE_MAX),
      load: (rate) => search.load({ ...search.input, rate: String(rate) }),
      onStep: (step) => terminal.say(stepLine(step)),
    });
    const { highest, lowestFailed } = found;
    if (json === true) terminal.print(JSON.stringify(found));
    else {
      terminal.print(highest === null ? 'no rate holds' : `highest rate that holds: ${highest.rate} events/s`);
      for (const step of [highest, lowestFailed]) if (step !== null) terminal.print(stepLine(step));
      terminal.print(`replay: ${search.replay}`);
    }
    process.exitCode = highest === null ? EXIT_BY_VERDICT.invalid : EXIT_BY_VERDICT.valid;
  } finally {
    search.release();
  }
}

function stepLine({ rate, holds, reasons, report }: RateStep): string {
  return `  ${rate} events/s ${holds ? 'holds' : `fails (${reasons.join('; ')})`}; ms: ${latencyText(report.latency)}`;
}

interface Search {
  readonly input: LoadInput;
  readonly seed: string;
  readonly replay: string;
  readonly stop: { readonly stopping: boolean };
  load(input: LoadInput): Promise<LoadReport>;
  release(): void;
}

/** What several loads of one command share: the seed, the place, and the first Ctrl-C. */
function openSearch({ seed: given, broker, store, admin, ...input }: SearchFlags, terminal: Terminal): Search {
  const seed = given ?? freshSeed();
  const stop = onInterrupt(terminal);
  const replay = withoutSecret(replayCommand(seed));
  terminal.say(`seed ${seed}`);
  const load = (choice: LoadInput): Promise<LoadReport> =>
    runLoad({
      settings: readLoadInput(choice, seed),
      place: { brokerUrl: broker, storeUrl: store, adminUrl: admin ?? null, ...cornerOf(freshRunId('load')) },
      ...{ clock: systemClock, stop, replay },
    });
  return { input, seed, replay, stop, load, release: () => stop.release() };
}

function writePage(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (thrown) {
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
