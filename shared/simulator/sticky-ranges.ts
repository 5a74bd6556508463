/**
 * Hash ranges of Key_Shared STICKY: each consumer declares its own. What nobody declares waits (pulsar-semantics 2.6).
 * Source: HashRangeExclusiveStickyKeyConsumerSelector.
 */
import type { HashRange } from '../model/subscription';

/** Consumer id → its ranges, both ends included. */
export type StickyRanges = Map<number, readonly HashRange[]>;

/** Why these ranges are refused, in Pulsar's manner; null: they are not. */
export function stickyConflict(taken: StickyRanges, asked: readonly HashRange[]): string | null {
  if (asked.length === 0) return 'Ranges for KeyShared policy must not be empty.';
  if (asked.some(([start, end]) => start > end)) return 'Invalid hash range: its start is above its end';
  const overlapsItself = asked.some((range, index) => asked.slice(index + 1).some((other) => overlap(range, other)));
  if (overlapsItself) return 'Ranges for KeyShared policy with overlap between each other';
  for (const ranges of taken.values()) {
    if (ranges.some((range) => asked.some((other) => overlap(range, other)))) {
      return 'Range conflict with a consumer that is connected';
    }
  }
  return null;
}

function overlap(left: HashRange, right: HashRange): boolean {
  return left[0] <= right[1] && right[0] <= left[1];
}

/** Null: nobody declared the hash. */
export function ownerInSticky(ranges: StickyRanges, hash: number): number | null {
  for (const [consumerId, own] of ranges) {
    if (own.some(([start, end]) => start <= hash && hash <= end)) return consumerId;
  }
  return null;
}
