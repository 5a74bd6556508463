/** Seeded scenario: the plan of a scenario with everything drawn that its seed decides. */
import { seededRandom } from '../shared/adapters/seeded-random';
import { scenarioPlan } from '../shared/config';
import type { Plan } from '../shared/model/plan';
import type { Scenario } from '../shared/model/scenario';

export function seededScenarioPlan(scenario: Scenario, seed: string): Plan {
  const random = seededRandom(seed);
  return scenarioPlan(scenario, seed, (index, bound) => random.stream('fault', String(index)).below(bound));
}
