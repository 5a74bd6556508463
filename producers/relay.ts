/**
 * The relay: publishes what was appended, each user's events in their order, at least once.
 *
 * Several relays may believe at once that the work is theirs. Then events are published twice, and still the first
 * appearance of each stands behind that of its predecessor: whoever publishes an event has published the one before it, or
 * found the cursor behind it, which moves only over what the broker has confirmed.
 *
 * The outbox may be cut into shards of users, with a relay each. Where messages are numbered by their place in the outbox, under
 * a name that all relays of a shard share, a broker that deduplicates drops what is published twice.
 */
import { type LoggedAppend, RELAY } from '../shared/model/append';
import type { UserEvent } from '../shared/model/event';
import type { RelayPoint } from '../shared/model/write-side';
import type { EventStore } from '../shared/write-ports';
import { type ProducerOptions, runProducer } from './producer';

/** What one relay publishes of the outbox. */
export interface OutboxShare {
  /** Names the share: its position is kept, and its owner granted, under it. */
  readonly subscriber: string;
  /** The subscribers of all shares, this one included: what all of them have published no longer waits. */
  readonly subscribers: readonly string[];
  readonly has: (entry: LoggedAppend) => boolean;
  /** Messages are numbered by their positions. The producer's name is the share's then, whoever publishes. */
  readonly isNumbered: boolean;
}

export interface RelayOptions extends Pick<ProducerOptions, 'producer' | 'topic' | 'clock' | 'recorder' | 'meter'> {
  readonly store: EventStore;
  /** Names the relay in the history, and as owner of the work. */
  readonly producerName: string;
  /** Told before a round whose work is this relay's, when nothing is under way. False: nothing can be done in this round. Default: true. */
  readonly beforeRound?: () => Promise<boolean>;
  /** Default: all of the outbox, and the client counts its messages. */
  readonly share?: OutboxShare;
  /** Where the relay meets its fate, with the last entry of its page; the dead go no further. */
  readonly reached?: (point: RelayPoint, position: number) => Promise<void>;
  /** Once stopping, the relay publishes what is there and ends. */
  readonly stop: { readonly stopping: boolean };
}

/** Entries that a relay takes in hand: their end is waited for before the cursor moves, and what one that dies had is sent again. */
export const RELAY_PAGE_COUNT_MAX = 256;
/** Pause when nothing waits, and when somebody else does the work, in milliseconds. */
const IDLE_MS = 5;
/** As long nobody takes over after the last sign of a relay. It costs time when one dies, and nothing else. */
const HOLD_MS = 1_000;

const WHOLE: OutboxShare = { subscriber: RELAY, subscribers: [RELAY], has: () => true, isNumbered: false };

/** Resolves with the number of events that the broker confirmed, once it was asked to stop and nothing waits. */
export async function runRelay(options: RelayOptions): Promise<number> {
  const { stop, clock } = options;
  const relay = new Relay(options, options.share ?? WHOLE);
  let published = 0;
  for (;;) {
    /** Looked at first: what is appended before the stop is published. */
    const isLast = stop.stopping;
    const page = await relay.round();
    published += page.publishedCount;
    if (!page.isBehind && isLast) return published;
    if (!page.isBehind) await clock.sleep(IDLE_MS);
  }
}

/** `isBehind`: there may be more to do at once. */
interface Round {
  readonly publishedCount: number;
  readonly isBehind: boolean;
}

const NOTHING: Round = { publishedCount: 0, isBehind: false };

class Relay {
  /** Of the grant under which this relay works; null: it does not. */
  #epoch: number | null = null;

  constructor(
    private readonly options: RelayOptions,
    private readonly share: OutboxShare,
  ) {}

  /** Who has just lost the share asks for it once more before it ends: what waits may be nobody else's work. */
  async round(): Promise<Round> {
    const didWork = this.#epoch !== null;
    if (await this.#mayWork()) return this.#publishPage();
    const isLost = didWork && this.#epoch === null;
    return isLost ? { publishedCount: 0, isBehind: true } : NOTHING;
  }

  /**
   * Who holds the share has it granted once, and works until the grant is another one's: a relay that stood still finds out
   * before its next page. What it had under way appears twice at most, and behind its first appearance.
   */
  async #mayWork(): Promise<boolean> {
    const { store, producerName, beforeRound } = this.options;
    const { subscriber } = this.share;
    /** Together: each of them is a way to the store and back. */
    const [isHeld, owner] = await Promise.all([
      store.hold(subscriber, producerName, HOLD_MS),
      this.#epoch === null ? null : store.ownerOf(subscriber),
    ]);
    const isGranted = this.#epoch === null || owner?.epoch === this.#epoch;
    if (!isHeld || !isGranted) {
      await this.#stepDown();
      return false;
    }
    if ((await beforeRound?.()) === false) return false;
    this.#epoch ??= await store.grantEpoch(subscriber, producerName);
    return true;
  }

  /** Who shares its producer's name with others makes room for them. */
  async #stepDown(): Promise<void> {
    if (this.#epoch === null) return;
    this.#epoch = null;
    if (this.share.isNumbered) await this.options.producer.close();
  }

  /** What waits for the relays is what one of them has not reached: the room in the outbox is counted from there. */
  async #noteAllPublished(): Promise<void> {
    const { store } = this.options;
    const { subscribers } = this.share;
    if (subscribers.includes(RELAY)) return;
    const cursors = await Promise.all(subscribers.map((subscriber) => store.cursorOf(subscriber)));
    await store.moveCursor(RELAY, Math.min(...cursors));
  }

  /** Not all of it could be published: a page that failed is published again, whole. */
  async #publishPage(): Promise<Round> {
    const { store, reached } = this.options;
    const { subscriber, has } = this.share;
    const page = await store.readAfter(await store.cursorOf(subscriber), RELAY_PAGE_COUNT_MAX);
    const last = page.at(-1);
    if (last === undefined) return NOTHING;
    const due = page.filter(has);
    if (due.length > 0) {
      await reached?.('before:publish', last.position);
      if (!(await this.#publish(due))) return NOTHING;
      await reached?.('after:publish', last.position);
    }
    await store.moveCursor(subscriber, last.position);
    await this.#noteAllPublished();
    return { publishedCount: due.length, isBehind: true };
  }

  async #publish(due: readonly LoggedAppend[]): Promise<boolean> {
    const { share: _, stop: __, reached: ___, beforeRound: ____, store: _____, ...options } = this.options;
    const positions = new Map(due.map(({ event, position }) => [event.id, position]));
    const sequenceIdOf = ({ id }: UserEvent): number => positions.get(id) ?? 0;
    const { published } = await runProducer({
      ...options,
      events: due.map(({ event }) => event),
      sendsInFlightMax: RELAY_PAGE_COUNT_MAX,
      schedule: null,
      keepsIntendedAt: true,
      ...(this.share.isNumbered ? { sequenceIdOf } : {}),
    });
    return published === due.length;
  }
}
