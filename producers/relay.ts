/**
 * The relay: publishes what was appended, each user's events in their order, at least once.
 *
 * Several relays may believe at once that the work is theirs. Then events are published twice, and still the first
 * appearance of each stands behind that of its predecessor: whoever publishes an event has published the one before it, or
 * found the cursor behind it, which moves only over what the broker has confirmed.
 */
import { RELAY } from '../shared/model/append';
import type { EventStore } from '../shared/write-ports';
import { type ProducerOptions, runProducer } from './producer';

export interface RelayOptions extends Pick<ProducerOptions, 'producer' | 'topic' | 'clock' | 'recorder' | 'meter'> {
  readonly store: EventStore;
  /** Names the relay in the history, and as owner of the work. */
  readonly producerName: string;
  /** Resolves before a round whose work is this relay's; nothing is under way then. Default: at once. */
  readonly beforeRound?: () => Promise<unknown>;
  /** Once stopping, the relay publishes what is there and ends. */
  readonly stop: { readonly stopping: boolean };
}

/** Events of one round: its end is waited for before the cursor moves. */
const PAGE_COUNT_MAX = 256;
/** Pause when nothing waits, and when somebody else does the work, in milliseconds. */
const IDLE_MS = 5;
/** As long nobody takes over after the last sign of a relay. It costs time when one dies, and nothing else. */
const HOLD_MS = 1_000;

/** Resolves with the number of events that the broker confirmed, once it was asked to stop and nothing waits. */
export async function runRelay(options: RelayOptions): Promise<number> {
  const { stop, beforeRound, ...work } = options;
  const { store, producerName, clock } = work;
  let published = 0;
  for (;;) {
    /** Looked at first: what is appended before the stop is published. */
    const isLast = stop.stopping;
    const isHeld = await store.hold(RELAY, producerName, HOLD_MS);
    if (isHeld) await beforeRound?.();
    const count = isHeld ? await publishPage(work) : 0;
    published += count;
    if (count === 0 && isLast) return published;
    if (count === 0) await clock.sleep(IDLE_MS);
  }
}

/** 0: nothing waits, or not all of it could be published. A page that failed is published again, whole. */
async function publishPage({ store, ...options }: Omit<RelayOptions, 'stop' | 'beforeRound'>): Promise<number> {
  const cursor = await store.cursorOf(RELAY);
  const page = await store.readAfter(cursor, PAGE_COUNT_MAX);
  const last = page.at(-1);
  if (last === undefined) return 0;
  const result = await runProducer({
    ...options,
    events: page.map(({ event }) => event),
    sendsInFlightMax: PAGE_COUNT_MAX,
    schedule: null,
    keepsIntendedAt: true,
  });
  if (result.published !== page.length) return 0;
  await store.moveCursor(RELAY, last.position);
  return page.length;
}
