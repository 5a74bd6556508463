/**
 * Draining hashes (PIP-379): sticky hashes whose owner changed while the old owner still holds unacknowledged messages.
 * Nobody else gets a message of such a hash until they are gone: the reason why Key_Shared keeps order while consumers
 * come and go. Source: DrainingHashesTracker (pulsar-semantics 3).
 */
import { invariant } from '../model/invariant';

interface DrainingHash {
  /** The old owner. */
  readonly consumerId: number;
  /** Unacknowledged messages of the hash that it still holds. */
  referenceCount: number;
  /** Attempts to send a message of the hash that were turned away. */
  blockedCount: number;
}

export type DrainingHashes = Map<number, DrainingHash>;

/** One more message of `hash` at its old owner. */
export function addDraining(draining: DrainingHashes, hash: number, consumerId: number): void {
  const entry = draining.get(hash);
  if (entry === undefined) draining.set(hash, { consumerId, referenceCount: 1, blockedCount: 0 });
  else {
    invariant(entry.consumerId === consumerId, 'M1: a hash drains from one consumer at a time');
    entry.referenceCount += 1;
  }
}

/** What the removal of a pending message meant: nothing, or the end of the drain, perhaps with somebody waiting. */
export type DrainingRelease = 'unchanged' | 'drained' | 'drained-and-waited-for';

/** A message of `hash` left the pending messages of `consumerId`. */
export function releaseDraining(draining: DrainingHashes, hash: number, consumerId: number): DrainingRelease {
  const entry = draining.get(hash);
  if (entry === undefined || entry.consumerId !== consumerId) return 'unchanged';
  entry.referenceCount -= 1;
  if (entry.referenceCount > 0) return 'unchanged';
  draining.delete(hash);
  return entry.blockedCount > 0 ? 'drained-and-waited-for' : 'drained';
}

/** Whether `consumerId` must wait for the hash. An owner that got its hash back need not, and ends the drain. */
export function isBlocked(draining: DrainingHashes, hash: number, consumerId: number): boolean {
  const entry = draining.get(hash);
  if (entry === undefined) return false;
  if (entry.consumerId === consumerId) {
    draining.delete(hash);
    return false;
  }
  entry.blockedCount += 1;
  return true;
}
