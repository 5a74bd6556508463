/** Waiting for what others bring about and nothing announces. */
import { setTimeout as pause } from 'node:timers/promises';

/** Looks again after each pause, until it holds or the deadline has passed; true: it holds. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  deadlineMs: number,
  pollMs: number,
): Promise<boolean> {
  const lastLookMs = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > lastLookMs) return false;
    await pause(pollMs);
  }
  return true;
}
