/** Where a cursor starts, or goes on after it was set anew. */

/**
 * earliest: with the first entry of each log. latest: behind the last one. A map: partition → the first position that is
 * delivered, bounded by the ends of the log; partitions that it does not name start with the earliest.
 */
export type StartPosition = 'earliest' | 'latest' | ReadonlyMap<number, number>;

/** The first position of one partition's log that is delivered. */
export function startIn(start: StartPosition, partition: number, entryCount: number): number {
  if (start === 'earliest') return 0;
  if (start === 'latest') return entryCount;
  return Math.min(Math.max(start.get(partition) ?? 0, 0), entryCount);
}
