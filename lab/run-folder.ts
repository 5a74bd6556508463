/** Run folder: what a run leaves behind. config.json, plan.json, history/, verdict.json, timeline.txt (docs/results.md). */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { causeText, OrderlabError } from '../shared/errors';

export interface RunFolder {
  readonly path: string;
  readonly historyPath: string;
  writeJson(name: 'config.json' | 'plan.json' | 'verdict.json', value: unknown): void;
  writeText(name: 'timeline.txt', text: string): void;
}

/** Creates the folder. Throws USAGE when it holds something already, FILE_UNWRITABLE when it cannot be made. */
export function createRunFolder(path: string): RunFolder {
  const absolute = resolve(path);
  const historyPath = join(absolute, 'history');
  attempt(absolute, () => {
    if (existsSync(absolute) && readdirSync(absolute).length > 0) {
      throw new OrderlabError('USAGE', { problem: `the run folder ${path} is not empty: name another one with --out` });
    }
    mkdirSync(historyPath, { recursive: true });
  });
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

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof OrderlabError) throw thrown;
    throw new OrderlabError('FILE_UNWRITABLE', { path, cause: causeText(thrown) }, thrown);
  }
}
