/** The machine's time, monotonic within the process. */
import type { Clock } from '../ports';

/** Node fires a longer timer at once, so a longer sleep is cut into pieces of this length. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * A clock that starts at the wall time of the process and then only follows the monotonic clock, so that a step of the
 * wall clock never runs it backwards. A pending sleep keeps the process alive: somebody waits for it, and a process
 * that ends in the middle of an await ends without a verdict.
 */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms) => {
    for (let leftMs = ms; ; leftMs -= TIMER_MS_MAX) {
      await timer(Math.min(leftMs, TIMER_MS_MAX));
      if (leftMs <= TIMER_MS_MAX) return;
    }
  },
};

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
