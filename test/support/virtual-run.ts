/** Runs in virtual time: a plan to its run folder, in a temporary place that goes with the test. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type RunOptions, type RunReport, run } from '../../lab/run';
import { readHistory } from '../../shared/adapters/history-files';
import type { HistoryRecord } from '../../shared/model/history';
import type { Plan } from '../../shared/model/plan';
import type { Verdict } from '../../shared/model/verdict';
import { inflateAtOnce } from './inflate-at-once';

export interface VirtualRun {
  readonly report: RunReport;
  readonly verdict: Verdict;
  readonly folder: string;
}

/** The plan on the embedded parts, on a clock of its own. */
export async function runVirtually(plan: Plan, choice: Partial<RunOptions> = {}): Promise<VirtualRun> {
  const clock = openVirtualClock();
  const folder = join(temporaryFolder(), 'run');
  const release = inflateAtOnce();
  try {
    const { report, verdict } = await clock.run(
      run({
        ...{ plan, clock, folderPath: folder, brokerUrl: 'embedded:', storeUrl: 'embedded:', skipBadLines: false },
        ...{ replay: 'orderlab run', stop: { stopping: false }, ...choice },
      }),
    );
    return { report, verdict, folder };
  } finally {
    release();
  }
}

const folders: string[] = [];

/** An empty folder, removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-test-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Everything recorded, in the run's order. */
export function recordsOf(folder: string): readonly HistoryRecord[] {
  return [...readHistory(folder)];
}

/** Every history file of a run folder with its text, by name. */
export function historyFiles(folder: string): ReadonlyMap<string, string> {
  const path = join(folder, 'history');
  const names = readdirSync(path).sort();
  return new Map(names.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}
