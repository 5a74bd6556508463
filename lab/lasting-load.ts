/**
 * Lasting load: a workload that lasts for as long as the faults of its plan take.
 *
 * When a fault strikes and how long it takes is the machine's affair: a workload of a fixed length would be done before
 * the last fault strikes on a slow one, and nothing would be in hand then. So the last `count` events of the workload wait
 * for the end of the faults; and one that is made longer than any machine takes ends `count` events after them.
 */
import type { UserEvent } from '../shared/model/event';
import type { Clock } from '../shared/ports';

/** Then the run goes on without its last faults, and its floors say so. */
const WAIT_DEADLINE_MS = 300_000;
/** As long as nothing is applied and nothing changes, no fault that waits for the load will strike. */
const IDLE_DEADLINE_MS = 15_000;
const POLL_MS = 20;

/** What the end of a run waits for. */
export interface FaultsOfRun {
  readonly clock: Clock;
  /** The faults are over, or nothing is waited for any more. */
  readonly isOver: () => boolean;
  /** Events applied so far. */
  readonly appliedCount: () => number;
  /** A fault takes its time. */
  readonly isChanging: () => boolean;
}

export interface LastingLoadOptions extends FaultsOfRun {
  readonly count: number;
  /** No event is published any more once the faults are over, but those that waited. */
  readonly endsWithFaults: boolean;
}

/** Events of the workload in their order, from the first one on. */
export async function* lastingLoad(
  events: AsyncIterable<UserEvent>,
  options: LastingLoadOptions,
): AsyncGenerator<UserEvent> {
  const { count, isOver, endsWithFaults } = options;
  const reserve: UserEvent[] = [];
  for await (const event of events) {
    reserve.push(event);
    if (reserve.length > count) {
      const [first] = reserve.splice(0, 1);
      if (first !== undefined) yield first;
      if (endsWithFaults && isOver()) break;
    }
  }
  await faultsOver(options);
  yield* reserve;
}

/** Resolves when they are over, or when none of those that have not struck will. */
export async function faultsOver({ clock, isOver, appliedCount, isChanging }: FaultsOfRun): Promise<void> {
  const giveUpAtMs = clock.nowMs() + WAIT_DEADLINE_MS;
  let seenCount = appliedCount();
  let movedAtMs = clock.nowMs();
  while (!isOver() && clock.nowMs() < giveUpAtMs && clock.nowMs() - movedAtMs < IDLE_DEADLINE_MS) {
    await clock.sleep(POLL_MS);
    if (!isChanging() && appliedCount() === seenCount) continue;
    seenCount = appliedCount();
    movedAtMs = clock.nowMs();
  }
}
