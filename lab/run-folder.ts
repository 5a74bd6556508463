/** Run folder: what a run leaves behind. config.json, plan.json, history/, verdict.json, timeline.txt (docs/results.md). */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { causeText, OrderlabError } from '../shared/errors';

export interface RunFolder {
  readonly path: string;
  readonly historyPath: string;
  writeJson(name: 'config.json' | 'plan.json' | 'verdict.json', value: unknown): void;
  writeText(name: 'timeline.txt', text: string): void;
}

/** What becomes of a run whose folder another one has: a name that somebody chose is refused, one of ours gets a number. */
export type FolderClash = 'refuse' | 'number';

/** Creates the folder. Throws USAGE when it holds something already and is refused, FILE_UNWRITABLE when it cannot be made. */
export function createRunFolder(path: string, clash: FolderClash = 'refuse'): RunFolder {
  const wanted = resolve(path);
  const absolute = attempt(wanted, () => (clash === 'number' ? claimNumbered(wanted) : claim(wanted, path)));
  const historyPath = join(absolute, 'history');
  attempt(absolute, () => mkdirSync(historyPath, { recursive: true }));
  const write = (name: string, text: string): void =>
    attempt(join(absolute, name), () => writeFileSync(join(absolute, name), text));
  return {
    path: absolute,
    historyPath,
    writeJson: (name, value) => write(name, `${JSON.stringify(value, null, 2)}\n`),
    writeText: (name, text) => write(name, text),
  };
}

/** `runs/2026-11-24T23-59-01-projector-1a2b`: sorts by time, tells the scenario and the seed. */
export function runFolderName(startedAtMs: number, scenario: string, seed: string): string {
  const time = new Date(startedAtMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return join('runs', `${time}-${scenario}-${seed}`);
}

function claim(absolute: string, path: string): string {
  if (existsSync(absolute) && readdirSync(absolute).length > 0) {
    throw new OrderlabError('USAGE', { problem: `the run folder ${path} is not empty: name another one with --out` });
  }
  return absolute;
}

/** Two runs of one seed that begin within one second want one name: making the folder tells them apart, `NAME` and `NAME-2`. */
function claimNumbered(absolute: string): string {
  mkdirSync(dirname(absolute), { recursive: true });
  for (let number = 1; ; number += 1) {
    const numbered = number === 1 ? absolute : `${absolute}-${number}`;
    if (isMade(numbered)) return numbered;
  }
}

/** False: somebody else has it. */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof OrderlabError) throw thrown;
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
