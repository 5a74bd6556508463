/**
 * Message stamps: what Pulsar keeps of a message and the broker model does not, position by position: when it was
 * published, the producer's own time, and whether it had a key at all. Who follows a log waits here for more of it.
 */

export interface MessageStamp {
  /** Milliseconds since 1970. */
  readonly publishedAtMs: number;
  /** ISO 8601, as the producer gave it; null: none. */
  readonly eventTime: string | null;
  readonly isKeyed: boolean;
}

export class MessageStamps {
  readonly #stamps: MessageStamp[] = [];
  readonly #waiting = new Set<() => void>();

  get count(): number {
    return this.#stamps.length;
  }

  at(position: number): MessageStamp | undefined {
    return this.#stamps[position];
  }

  /** Before the message itself: it is delivered while it is stored. */
  add(stamp: MessageStamp): void {
    this.#stamps.push(stamp);
  }

  /** The message is stored: whoever waits for more of this log may look. */
  announce(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Called at each announcement until `release` is. */
  follow(look: () => void): { release(): void } {
    this.#waiting.add(look);
    return { release: () => this.#waiting.delete(look) };
  }
}
