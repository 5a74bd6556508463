/**
 * Hash ranges of Key_Shared AUTO_SPLIT without consistent hashing: a newcomer halves the widest range, and a leaver's goes
 * to its neighbour (pulsar-semantics 2.5). Source: HashRangeAutoSplitStickyKeyConsumerSelector.
 */
import { invariant } from '../model/invariant';
import type { HashRange } from '../model/subscription';

/** Upper end of the last range. No hash is that high; the statistics print it all the same. */
const HASH_END = 65_536;

interface UpperBound {
  readonly bound: number;
  readonly consumerId: number;
}

/** Ascending. A range begins behind the bound before it and includes its own. */
export type RangeSplit = UpperBound[];

/** The newcomer takes the lower half of the widest range, the first of several. */
export function addToSplit(split: RangeSplit, consumerId: number): void {
  if (split.length === 0) {
    split.push({ bound: HASH_END, consumerId });
    return;
  }
  const widths = split.map(({ bound }, index) => bound - (split[index - 1]?.bound ?? 0));
  const widest = widths.indexOf(Math.max(...widths));
  const width = widths[widest] ?? 0;
  invariant(canAddToSplit(split), 'a range that is to be halved is wider than 1');
  const bound = (split[widest]?.bound ?? 0) - (width >> 1);
  split.splice(widest, 0, { bound, consumerId });
}

/** Whether a range is left that can be halved. */
export function canAddToSplit(split: RangeSplit): boolean {
  return split.length === 0 || split.some(({ bound }, index) => bound - (split[index - 1]?.bound ?? 0) > 1);
}

/** The leaver's range goes to the next higher one; the highest goes to the one below. */
export function removeFromSplit(split: RangeSplit, consumerId: number): void {
  const index = split.findIndex((each) => each.consumerId === consumerId);
  invariant(index >= 0, 'only a member of the split leaves it');
  split.splice(index, 1);
  const last = split.at(-1);
  if (last !== undefined) split.splice(-1, 1, { ...last, bound: HASH_END });
}

export function ownerInSplit(split: RangeSplit, hash: number): number {
  const owner = split.find(({ bound }) => hash <= bound);
  invariant(owner !== undefined, 'a split without members owns nothing');
  return owner.consumerId;
}

export function rangesOfSplit(split: RangeSplit): Map<number, HashRange[]> {
  return new Map(
    split.map(({ bound, consumerId }, index) => {
      const below = split[index - 1];
      return [consumerId, [[below === undefined ? 0 : below.bound + 1, bound]]];
    }),
  );
}
