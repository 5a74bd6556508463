/**
 * Held load: a workload that does not run ahead of the consumers that its plan lets join and leave.
 *
 * How long a process takes to begin is the machine's affair: on a slow one the first consumer would be through with the
 * workload before the second one works, and what the plan is about would happen to nobody. So no more than AHEAD_MAX
 * events are published beyond the count at which the next join or leave is due, until that one is over.
 */
import type { UserEvent } from '../shared/model/event';
import type { Clock } from '../shared/ports';

/** Enough to keep every consumer at work while another one comes or goes. */
export const AHEAD_MAX = 300;

/** Of all waiting together; then the rest is published as it comes, and the floors say what the run did not reach. */
const WAIT_DEADLINE_MS = 120_000;
const POLL_MS = 5;

export interface HeldLoadOptions {
  readonly clock: Clock;
  /** Events applied when the next join or leave is due; ∞: there is none any more. */
  readonly nextMoveAt: () => number;
  /** Nothing is waited for any more. */
  readonly isOver: () => boolean;
}

/** Events of the workload in their order, every one of them. */
export async function* heldLoad(
  events: AsyncIterable<UserEvent>,
  { clock, nextMoveAt, isOver }: HeldLoadOptions,
): AsyncGenerator<UserEvent> {
  let published = 0;
  let waitedMs = 0;
  for await (const event of events) {
    while (published >= nextMoveAt() + AHEAD_MAX && waitedMs < WAIT_DEADLINE_MS && !isOver()) {
      const fromMs = clock.nowMs();
      await clock.sleep(POLL_MS);
      waitedMs += clock.nowMs() - fromMs;
    }
    published += 1;
    yield event;
  }
}
