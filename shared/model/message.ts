/** Messages: what the broker carries. An event travels inside, as bytes. */

/** What a producer hands to the broker. */
export interface OutgoingMessage {
  /** Pulsar's partition key: routing and Key_Shared hash it. */
  readonly key: string;
  readonly payload: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
  /**
   * Pulsar's sequenceId: whole, rising, of the producer's name. Where the broker deduplicates, a message whose id is not above
   * all that the name has stored is dropped and reported as stored, under an id that no message has (`-1:-1:…`). Default: the
   * client counts, so that nothing that is sent is a duplicate. Over Pulsar's WebSocket API there is no such field, and the
   * proxy counts whatever stands here.
   */
  readonly sequenceId?: number;
}

/** One hand-over of a message to a consumer. */
export interface Delivery {
  /** `ledger:entry:partition`, as Pulsar prints it; partition is -1 on a plain topic. Stable across redeliveries. */
  readonly messageId: string;
  readonly topic: string;
  /** -1 on a plain (not partitioned) topic. */
  readonly partition: number;
  readonly key: string;
  readonly payload: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
  /** As the broker counts: negative acknowledgements and time-outs raise it, a disconnect does not (pulsar-semantics 4.4). */
  readonly redeliveryCount: number;
}

/** One stored entry, read back by an independent reader. */
export interface LogEntry {
  readonly messageId: string;
  readonly topic: string;
  readonly partition: number;
  /** Index of the entry in its partition, from 0. */
  readonly position: number;
  readonly key: string;
  readonly payload: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
}
