/** Which consumer of a Key_Shared subscription owns a sticky hash: three rules, one of which the subscription follows. */
import { unreachable } from '../model/invariant';
import type { HashRange, KeySharedPolicy } from '../model/subscription';
import type { ConsumerState } from './consumer';
import { addToRing, createHashRing, type HashRing, hashRangesOf, ownerOf, removeFromRing } from './hash-ring';
import {
  addToSplit,
  canAddToSplit,
  ownerInSplit,
  type RangeSplit,
  rangesOfSplit,
  removeFromSplit,
} from './range-split';
import { STICKY_HASH_MAX, stickyHashOf, stickyHashOfRanges } from './sticky-hash';
import { ownerInSticky, type StickyRanges, stickyConflict } from './sticky-ranges';

export type StickySelector =
  /** AUTO_SPLIT, Pulsar's default. */
  | { readonly kind: 'consistent-hashing'; readonly ring: HashRing }
  /** AUTO_SPLIT with subscriptionKeySharedUseConsistentHashing=false. */
  | { readonly kind: 'range-split'; readonly split: RangeSplit }
  | { readonly kind: 'sticky'; readonly ranges: StickyRanges };

/** Owner of what nobody owns: no consumer has this id. */
export const NOBODY = -1;

/** `hashMax`: of the ring; the other rules have one of their own. */
export function createSelector(
  policy: KeySharedPolicy,
  usesConsistentHashing: boolean,
  hashMax = STICKY_HASH_MAX,
): StickySelector {
  if (policy.mode === 'sticky') return { kind: 'sticky', ranges: new Map() };
  if (usesConsistentHashing) return { kind: 'consistent-hashing', ring: createHashRing(hashMax) };
  return { kind: 'range-split', split: [] };
}

/** Why this consumer cannot join; null: it can. */
export function selectorConflict(selector: StickySelector, policy: KeySharedPolicy): string | null {
  if (selector.kind === 'range-split' && !canAddToSplit(selector.split))
    return 'No more range can assigned to new consumer';
  if (selector.kind !== 'sticky') return null;
  return stickyConflict(selector.ranges, policy.mode === 'sticky' ? policy.ranges : []);
}

export function addToSelector(selector: StickySelector, { id, name, keyShared }: ConsumerState): void {
  switch (selector.kind) {
    case 'consistent-hashing':
      addToRing(selector.ring, id, name);
      return;
    case 'range-split':
      addToSplit(selector.split, id);
      return;
    case 'sticky':
      selector.ranges.set(id, keyShared.mode === 'sticky' ? keyShared.ranges : []);
      return;
    default:
      unreachable(selector, 'sticky selector');
  }
}

export function removeFromSelector(selector: StickySelector, consumerId: number): void {
  switch (selector.kind) {
    case 'consistent-hashing':
      removeFromRing(selector.ring, consumerId);
      return;
    case 'range-split':
      removeFromSplit(selector.split, consumerId);
      return;
    case 'sticky':
      selector.ranges.delete(consumerId);
      return;
    default:
      unreachable(selector, 'sticky selector');
  }
}

/** The consumer that owns the hash; NOBODY: it waits until somebody does. */
export function selectOwner(selector: StickySelector, hash: number): number {
  switch (selector.kind) {
    case 'consistent-hashing':
      return selector.ring.points.length === 0 ? NOBODY : ownerOf(selector.ring, hash);
    case 'range-split':
      return selector.split.length === 0 ? NOBODY : ownerInSplit(selector.split, hash);
    case 'sticky':
      return ownerInSticky(selector.ranges, hash) ?? NOBODY;
    default:
      return unreachable(selector, 'sticky selector');
  }
}

/** The sticky hash of a murmur hash: the rules do not share their range. */
export function hashUnder(selector: StickySelector, murmur: number): number {
  if (selector.kind !== 'consistent-hashing') return stickyHashOfRanges(murmur);
  return stickyHashOf(murmur, selector.ring.hashMax);
}

/** Ranges of each consumer, ascending, as Pulsar's statistics print them in `keyHashRangeArrays`. */
export function rangesUnder(selector: StickySelector): ReadonlyMap<number, readonly HashRange[]> {
  switch (selector.kind) {
    case 'consistent-hashing':
      return hashRangesOf(selector.ring);
    case 'range-split':
      return rangesOfSplit(selector.split);
    case 'sticky':
      return new Map(
        [...selector.ranges].map(([id, ranges]) => [id, [...ranges].sort(([left], [right]) => left - right)]),
      );
    default:
      return unreachable(selector, 'sticky selector');
  }
}
