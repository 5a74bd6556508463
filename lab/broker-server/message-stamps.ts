/**
 * Message stamps: what Pulsar keeps of a message and the broker model does not. The model hands a message's properties on
 * as they came, so the object itself names the message; a copy that the broker made, a dead letter, has no stamp.
 */
type Properties = Readonly<Record<string, string>>;

export interface MessageStamp {
  /** Milliseconds since 1970. */
  readonly publishedAtMs: number;
  /** ISO 8601, as the producer gave it; null: none. */
  readonly eventTime: string | null;
  /** False: the message has no key, which is not the same as an empty one. */
  readonly isKeyed: boolean;
}

export class MessageStamps {
  readonly #stamps = new WeakMap<Properties, MessageStamp>();

  /** Before the message is stored: it is delivered while it is. */
  add(properties: Properties, stamp: MessageStamp): void {
    this.#stamps.set(properties, stamp);
  }

  of(properties: Properties): MessageStamp {
    return this.#stamps.get(properties) ?? this.#first(properties);
  }

  /** Of a copy that nobody published, when it is seen first. */
  #first(properties: Properties): MessageStamp {
    const stamp = { publishedAtMs: Date.now(), eventTime: null, isKeyed: true };
    this.#stamps.set(properties, stamp);
    return stamp;
  }
}
