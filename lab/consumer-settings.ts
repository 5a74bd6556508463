/** Settings of a consumer that a plan leaves to the lab, in one place for every world. */
import type { Plan } from '../shared/model/plan';
import type { StrategySettings } from '../shared/model/strategy';

/** Deliveries that one consumer may hold unacknowledged, parked ones included. */
export const UNACKED_COUNT_MAX = 1_000;
/** How long consumers may take to drain when they are asked to. */
export const DRAIN_DEADLINE_MS = 10_000;
export const DRAIN_POLL_MS = 5;
/** How long a gap may wait for its predecessor before the log is read. */
const GAP_DEADLINE_MS = 200;
/** Pause before a failed action is tried again. */
const RETRY_BACKOFF_MS = 50;

/** What a plan says about how its consumers work. */
type ConsumerPlan = Pick<Plan, 'idempotencyKeys' | 'markerTtlMs' | 'publishesResult' | 'onFailure' | 'context'>;

/** What the plan's strategy is started with in this incarnation. */
export function settingsOf(plan: ConsumerPlan, owner: string): StrategySettings {
  const { idempotencyKeys, markerTtlMs, publishesResult, onFailure, context } = plan;
  return {
    ...{ owner, idempotencyKeys, markerTtlMs, publishesResult, onFailure },
    retryBackoffMs: RETRY_BACKOFF_MS,
    gapDeadlineMs: GAP_DEADLINE_MS,
    unlistened: context.unlistened,
    listensTo: context.listensTo,
  };
}
