/** Audience: who sits beside a run in the same process, sees each record as it is written, and may reach in. */
import type { HistoryRecord } from '../shared/model/history';

/** A consumer that works, as the audience may address it. */
export interface SeenConsumer {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isSlow: boolean;
}

/**
 * What the audience may do to the consumers of a run, by the ways that the faults of a plan take. Errors: HAND_REFUSED
 * for a consumer that does not work, for the last one that does, and once the load is over.
 */
export interface ConsumerHand {
  /** False once the load is over. */
  readonly isOpen: boolean;
  /** Those that work, in the order in which they joined. */
  readonly consumers: readonly SeenConsumer[];
  add(): void;
  /** It drains and leaves. */
  remove(name: string): void;
  /** As kill -9: what it holds comes again, to others. */
  kill(name: string): void;
  pause(name: string): void;
  slowDown(name: string): void;
  /** The end of both. */
  release(name: string): void;
}

export interface Audience {
  /** Every record, before anybody acts on it. It looks and returns. */
  heard(record: HistoryRecord): void;
  /** Before the first consumer joins. */
  given(hand: ConsumerHand): void;
  /** Once over, nothing more is published, and what was published is the whole load. */
  readonly load: { readonly isOver: boolean };
}

/** The load, as long as it lasts for the audience. */
export async function* untilOver<T>(events: AsyncIterable<T>, { load }: Pick<Audience, 'load'>): AsyncGenerator<T> {
  for await (const event of events) {
    if (load.isOver) return;
    yield event;
  }
}
