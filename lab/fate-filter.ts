/** Fate filter: which encounters of a consumer process are worth a question. Every other one costs nothing. */
import type { Plan, Point } from '../shared/model/plan';
import type { Encounter } from './fate';
import { holds, sameEvent } from './fault-arm';

/** Who is handed a gated event, who stands at a gate, who has passed it. */
const GATE_POINTS: readonly Point[] = ['after:receive', 'before:handle', 'after:handle'];

/** Errs on the side of asking: the supervisor decides, with figures that are newer than those here. */
export function concernsFate(plan: Plan, encounter: Encounter, appliedCount: number): boolean {
  const { point, event, unacknowledgedCount } = encounter;
  const gated = plan.gates.some((gate) => sameEvent(gate, event));
  if (gated && GATE_POINTS.includes(point)) return true;
  return plan.faults.some((fault) => {
    if (fault.kind === 'crash') {
      /** An event passes a point once: there is no asking again when the figures have arrived. */
      const asks = fault.when.event === null ? fault.when : { ...fault.when, appliedCountMin: null };
      return fault.at === point && holds(asks, { appliedCount, unacknowledgedCount, event });
    }
    if (fault.kind === 'pause')
      return sameEvent(fault.event, event) && (point === fault.at || point === 'after:handle');
    return fault.kind === 'handler-error' && point === 'before:apply' && sameEvent(fault.event, event);
  });
}
