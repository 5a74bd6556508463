/**
 * Reserve: the last events of a workload are held back until every fault that takes its turn has struck, so that each has
 * work behind it however slow the machine is. What is published before goes on all the while.
 */
import type { UserEvent } from '../shared/model/event';
import type { Clock } from '../shared/ports';

/** Then the run goes on without its last faults, and its floors say so. */
const HELD_MS_MAX = 300_000;
const POLL_MS = 20;

export interface ReserveOptions {
  /** Events held back. */
  readonly count: number;
  readonly clock: Clock;
  /** Nothing is waited for any more. */
  readonly isOver: () => boolean;
}

/** The same events in the same order. */
export async function* heldInReserve(
  events: AsyncIterable<UserEvent>,
  { count, clock, isOver }: ReserveOptions,
): AsyncGenerator<UserEvent> {
  const reserve: UserEvent[] = [];
  for await (const event of events) {
    reserve.push(event);
    if (reserve.length <= count) continue;
    const first = reserve.shift();
    if (first !== undefined) yield first;
  }
  const giveUpAtMs = clock.nowMs() + HELD_MS_MAX;
  while (!isOver() && clock.nowMs() < giveUpAtMs) await clock.sleep(POLL_MS);
  yield* reserve;
}
