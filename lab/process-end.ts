/** Process end: a command that is done ends its process, whatever a library has left behind. */
import type { Terminal } from './terminal';

/** What a command leaves behind in order, a server that closes or a socket that says goodbye, takes a fraction of it. */
export const PROCESS_END_MS = 5_000;

/**
 * Call it when a command is done. The process ends by itself as soon as nothing holds it; what still does after PROCESS_END_MS
 * is named and left, and the exit code stays what it is. The counterexample is a promise of the native client that never
 * settles: everything is printed, and the process stands there for ever.
 */
export function endInTime({ say }: Pick<Terminal, 'say'>): void {
  setTimeout(() => {
    const held = process.getActiveResourcesInfo().join(', ') || 'something that Node does not name';
    say(`orderlab: done, and still held by ${held} after ${PROCESS_END_MS} ms: ended all the same`);
    process.exit();
  }, PROCESS_END_MS).unref();
}
