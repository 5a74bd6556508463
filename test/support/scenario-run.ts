/** Scenarios run once per test file and seed: a run costs seconds, and the same seed gives the same run. */
import { scenarioPlan } from '../../shared/config';
import type { Plan } from '../../shared/model/plan';
import { scenarioNamed } from '../../shared/scenarios/registry';
import { runVirtually, type VirtualRun } from './virtual-run';

const runs = new Map<string, Promise<VirtualRun>>();

/** The plan of a scenario that exists. */
export function planNamed(name: string, seed: string): Plan {
  const scenario = scenarioNamed(name);
  if (scenario === null) throw new Error(`there is no scenario ${name}`);
  return scenarioPlan(scenario, seed);
}

/** The run of a scenario, remembered. */
export function runOf(name: string, seed: string): Promise<VirtualRun> {
  const key = `${name} ${seed}`;
  const running = runs.get(key) ?? runVirtually(planNamed(name, seed));
  runs.set(key, running);
  return running;
}
