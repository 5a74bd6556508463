/** Random run: scripts drawn by fast-check, several at a time; the first that differs is shrunk, and can be had again. */
import * as fc from 'fast-check';
import { type ConformanceOptions, conformance } from './conformance';
import { playDuel, type ScriptReport } from './duel';
import { type Draft, drafts, replayPathOf, scriptOf } from './random-script';

/** How long the first script that differs is shrunk, milliseconds: the smallest that was found by then is reported. */
const SHRINK_DEADLINE_MS = 180_000;
/** Between the path to a draft and what of its commands had fitted, neither of which contains it. */
const SEPARATOR = '@';

/** Which drafts: those of a seed from the first on, or the one at a path. */
export interface Drawing {
  /** As fast-check takes it, 32 bits. */
  readonly seed: number;
  readonly count: number;
  /** What an earlier run printed, null: none. */
  readonly path: string | null;
}

export interface RandomRunOptions extends Omit<ConformanceOptions, 'scripts'> {
  readonly drawing: Drawing;
}

export interface RandomRun {
  /** In the order of the drafts; those that were not begun are missing. */
  readonly reports: readonly ScriptReport[];
  /** The smallest script that still differs, with the path that leads to it; null: none differed. */
  readonly smallest: { readonly report: ScriptReport; readonly path: string } | null;
}

export async function playRandom(options: RandomRunOptions): Promise<RandomRun> {
  const { drawing } = options;
  const scripts = draw(drawing).map((draft, index) => scriptOf(`random-${index}`, draft));
  const reports = await conformance({ ...options, scripts });
  const index = scripts.findIndex(({ name }) =>
    reports.some(({ script, end }) => script === name && end.kind === 'differs'),
  );
  const report = reports.find(({ script }) => script === `random-${index}`);
  if (report === undefined) return { reports, smallest: null };
  if (drawing.path !== null) return { reports, smallest: { report, path: drawing.path } };
  return { reports, smallest: await shrink(options, index, report) };
}

/** The drafts themselves. The same drawing, the same drafts. */
export function draw({ seed, count, path }: Drawing): readonly Draft[] {
  if (path === null) return fc.sample(drafts(), { seed, numRuns: count });
  const [walk = '', replayPath = null] = path.split(SEPARATOR);
  return fc.sample(drafts(replayPath), { seed, path: walk, numRuns: 1 });
}

/** Plays parts of the draft, one after the other, as fast-check proposes them. */
async function shrink(
  { drawing: { seed }, model, broker, tempo, onReport }: RandomRunOptions,
  index: number,
  found: ScriptReport,
): Promise<RandomRun['smallest']> {
  let smallest = { report: found, path: String(index) };
  let count = 0;
  const agrees = async (draft: Draft): Promise<boolean> => {
    count += 1;
    const report = await playDuel(scriptOf(`random-${index}-smaller-${count}`, draft), model, broker, tempo);
    if (report.end.kind !== 'differs') return true;
    smallest = { ...smallest, report };
    return false;
  };
  const limits = { path: String(index), numRuns: 1, interruptAfterTimeLimit: SHRINK_DEADLINE_MS };
  const { counterexample, counterexamplePath } = await fc.check(fc.asyncProperty(drafts(), agrees), {
    seed,
    ...limits,
  });
  // Played again it may agree: then it is reported as it was found, and its path still leads to it.
  if (counterexample !== null && counterexamplePath !== null) {
    const replayPath = replayPathOf(counterexample[0]);
    smallest = {
      ...smallest,
      path: replayPath === null ? counterexamplePath : `${counterexamplePath}${SEPARATOR}${replayPath}`,
    };
  }
  onReport(smallest.report);
  return smallest;
}
