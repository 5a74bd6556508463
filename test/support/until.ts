/** Waiting for what nobody announces: looks again and again, until a deadline that ends with a sentence. */
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;
const DEADLINE_MS = 30_000;

export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = DEADLINE_MS) {
  const lastLook = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > lastLook) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await pause(POLL_MS);
  }
}
