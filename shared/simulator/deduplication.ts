/**
 * Deduplication of what producers send (pulsar-semantics 5.2). The broker compares a sequence id with the highest one that
 * it stored of the producer's name, in one partition, and with nothing else: a lower one that was never stored is dropped as
 * a duplicate too, and reported as stored. Source: MessageDeduplication. The log itself remembers the ids, so that neither
 * an unload nor a crash loses them.
 */

export interface MessageOrigin {
  /** Stable over restarts of the producer; two writers with one name lose each other's messages. */
  readonly producerName: string;
  /** Whole, strictly rising, from a durable source. */
  readonly sequenceId: number;
}

/** Producer name → the highest sequence id of it that is stored. */
export type SequenceIds = Map<string, number>;

export function isDuplicate(stored: SequenceIds, { producerName, sequenceId }: MessageOrigin): boolean {
  return sequenceId <= (stored.get(producerName) ?? Number.NEGATIVE_INFINITY);
}

export function noteStored(stored: SequenceIds, { producerName, sequenceId }: MessageOrigin): void {
  stored.set(producerName, Math.max(sequenceId, stored.get(producerName) ?? sequenceId));
}

/** The id that stands in the receipt of a message that was dropped: no message has it. */
export function duplicateId(partition: number): string {
  return `-1:-1:${partition}`;
}

export function isDuplicateId(messageId: string): boolean {
  return messageId.startsWith('-1:');
}
