/** Seconds: for whoever looks at a run once a second while it lasts. */
import type { Clock } from '../shared/ports';

const SECOND_MS = 1_000;
/** A second ends on time within this, and a run that is over is let go within it. */
const POLL_MS = 50;

/** Calls at the end of every second, one call after the other, and resolves soon after it is over. */
export async function eachSecond(clock: Clock, isOver: () => boolean, act: () => Promise<void>): Promise<void> {
  for (let endMs = clock.nowMs() + SECOND_MS; !isOver(); ) {
    await clock.sleep(Math.min(POLL_MS, Math.max(1, endMs - clock.nowMs())));
    const lateMs = clock.nowMs() - endMs;
    if (lateMs < 0) continue;
    /** Seconds in which the process stood still are one long second, and not several at once. */
    endMs += lateMs + SECOND_MS - (lateMs % SECOND_MS);
    await act();
  }
}
