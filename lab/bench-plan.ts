/** Bench plan: what the benches let the projector do, so that their figures can be compared. */
import type { Plan } from '../shared/model/plan';
import { FLOORS, PLAN } from '../shared/scenarios/defaults';
import { freshSeed } from './run';

/** The reference strategy, without the journal of effects: as in production (--audit off). */
export function benchPlan(events: number): Plan {
  return {
    ...PLAN,
    scenario: 'bench',
    seed: freshSeed(),
    audit: false,
    topology: { ...PLAN.topology, consumerCount: 3, receiverQueueSize: 1_000 },
    workload: { kind: 'synthetic', users: 1_000, events, skew: 'uniform' },
    sendsInFlightMax: 1_000,
    floors: FLOORS,
  };
}
