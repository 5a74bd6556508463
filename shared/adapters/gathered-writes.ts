/** Gathered writes: what is sent in one turn of the event loop leaves in one system call, which costs as much as a message. */
import type { Writable } from 'node:stream';

const gathering = new WeakSet<Writable>();

/** Call it before a write. No delay is added: the continuations that are due come first, and then everything leaves. */
export function gatherWrites(stream: Writable): void {
  if (gathering.has(stream)) return;
  gathering.add(stream);
  stream.cork();
  process.nextTick(() => {
    gathering.delete(stream);
    stream.uncork();
  });
}
