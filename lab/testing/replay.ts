/** Replays: the line that does a run again, and what such a line asks for. */
import { OrderlabError } from '../../shared/errors';
import type { TrialPlan } from './trial-plan';

/** Holds `seed,consumers,users,eventsPerUser,faults`, where faults are the numbers of those that are left. */
export const REPLAY_VARIABLE = 'ORDERLAB_REPLAY';

/** The parts of a plan that exploring changes. */
export interface Replay {
  readonly seed: string;
  readonly consumers: number;
  readonly users: number;
  readonly eventsPerUser: number;
  /** Places in the test's own list of faults. */
  readonly faults: readonly number[];
}

/** Under jest the line names the file and the test. */
export function replayOf(plan: TrialPlan<never>): string {
  const faults = plan.faultNumbers.join('.') || '-';
  const value = [plan.seed, plan.consumers, plan.users, plan.eventsPerUser, faults].join(',');
  return `${REPLAY_VARIABLE}=${value} ${commandOfTest()}`;
}

/** null: the environment asks for none. Errors: USAGE for a text that replayOf does not write. */
export function askedReplay(environment: NodeJS.ProcessEnv = process.env): Replay | null {
  const text = environment[REPLAY_VARIABLE];
  if (text === undefined || text === '') return null;
  const match = /^([0-9a-fx]+),(\d+),(\d+),(\d+),(-|[\d.]+)$/i.exec(text);
  if (match === null) throw new OrderlabError('USAGE', { problem: `${REPLAY_VARIABLE} cannot be read: ${text}` });
  const [, seed = '', consumers, users, eventsPerUser, faults = '-'] = match;
  return {
    seed,
    ...{ consumers: Number(consumers), users: Number(users), eventsPerUser: Number(eventsPerUser) },
    faults: faults === '-' ? [] : faults.split('.').map(Number),
  };
}

/** What jest and vitest tell of the running test. */
interface TestState {
  readonly testPath?: string;
  readonly currentTestName?: string;
}

function commandOfTest(): string {
  const { expect } = globalThis as { readonly expect?: { getState?(): TestState } };
  const { testPath, currentTestName } = expect?.getState?.() ?? {};
  if (testPath === undefined) return 'and the same command';
  const path = testPath.startsWith(`${process.cwd()}/`) ? testPath.slice(process.cwd().length + 1) : testPath;
  const name = currentTestName === undefined ? '' : ` -t '${currentTestName.replaceAll("'", '.')}'`;
  return `npx jest ${path}${name}`;
}
