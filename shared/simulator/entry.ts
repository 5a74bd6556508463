/** One stored record: a message, or the messages that a producer sent as one batch. */
import type { LogEntry, OutgoingMessage } from '../model/message';

/** A message inside a batch. */
export type BatchMessage = Pick<OutgoingMessage, 'key' | 'payload' | 'properties'>;

/**
 * Frozen, so that snapshots share it. The key of a batch is that of its first message: what decides who gets it, whatever the
 * others say (pulsar-semantics 2.1, 5.1).
 */
export interface Entry extends LogEntry {
  /** Hash of the key, 31 bits: routing and sticky hashes both come from it. */
  readonly murmur: number;
  /** When the broker got it, on its clock. */
  readonly publishedAtMs: number;
  /** At least two, in order; null: one message. */
  readonly batch: readonly BatchMessage[] | null;
}

/** Messages in it: what permits and limits of unacknowledged messages count. */
export function sizeOf({ batch }: Entry): number {
  return batch === null ? 1 : batch.length;
}

/** Its messages, as a reader of the log gets them. Those of a batch have its id with their index behind it. */
export function messagesIn(entry: Entry): readonly LogEntry[] {
  if (entry.batch === null) return [entry];
  const { messageId, topic, partition, position } = entry;
  return entry.batch.map((message, index) => ({
    ...message,
    messageId: `${messageId}:${index}`,
    topic,
    partition,
    position,
  }));
}
