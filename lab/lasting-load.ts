/**
 * Lasting load: a workload that goes on for as long as the faults of its plan take, and not much longer.
 *
 * How long a restart takes is the machine's affair: a workload of a fixed length would be done before the last fault
 * strikes on a slow one, and nothing would be in hand then. So events are published until every fault is over and `count`
 * more after that; where the workload is shorter, its last `count` events wait for the end of the faults.
 */
import type { UserEvent } from '../shared/model/event';
import type { Clock } from '../shared/ports';

/** Then the run goes on without its last faults, and its floors say so. */
const WAIT_DEADLINE_MS = 300_000;
const POLL_MS = 20;

export interface LastingLoadOptions {
  readonly count: number;
  readonly clock: Clock;
  /** The faults are over, or nothing is waited for any more. */
  readonly isOver: () => boolean;
}

/** Events of the workload in their order, from the first one on. */
export async function* lastingLoad(
  events: AsyncIterable<UserEvent>,
  { count, clock, isOver }: LastingLoadOptions,
): AsyncGenerator<UserEvent> {
  const reserve: UserEvent[] = [];
  for await (const event of events) {
    reserve.push(event);
    if (reserve.length > count) {
      const [first] = reserve.splice(0, 1);
      if (first !== undefined) yield first;
      if (isOver()) break;
    }
  }
  const giveUpAtMs = clock.nowMs() + WAIT_DEADLINE_MS;
  while (!isOver() && clock.nowMs() < giveUpAtMs) await clock.sleep(POLL_MS);
  yield* reserve;
}
