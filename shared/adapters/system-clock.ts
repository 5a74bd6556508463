/** The machine's time, monotonic and one for all processes of a run. */
import type { Clock } from '../ports';

/** Node fires a longer timer at once, so a longer sleep is cut into pieces of this length. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A clock that processes of one machine can share, by sharing its origin. */
export interface MachineClock extends Clock {
  /** Epoch milliseconds at which the machine's monotonic clock was 0. */
  readonly originMs: number;
}

/**
 * A clock that follows the machine's monotonic clock only, so that a step of the wall clock never runs it backwards. A
 * pending sleep keeps the process alive: somebody waits for it, and a process that ends in the middle of an await ends
 * without a verdict.
 *
 * Two processes that are given one origin read one clock. With an origin each, the wall clock's steps and a pause
 * between the two readings that make an origin would stand between their times, several milliseconds on a busy machine,
 * and a history would show an effect before its cause.
 */
export function machineClock(originMs: number): MachineClock {
  return {
    originMs,
    nowMs: () => originMs + monotonicMs(),
    sleep: async (ms) => {
      for (let leftMs = ms; ; leftMs -= TIMER_MS_MAX) {
        await timer(Math.min(leftMs, TIMER_MS_MAX));
        if (leftMs <= TIMER_MS_MAX) return;
      }
    },
  };
}

/** The machine's time, as of the wall clock when this process started. */
export const systemClock: MachineClock = machineClock(Date.now() - monotonicMs());

/** Since an arbitrary moment, the same one for every process of the machine. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
