/** Sticky hashes: what Key_Shared orders by. Not keys: 65,535 values, so unrelated keys share one (pulsar-semantics 2.3). */

/** Sticky hashes run from 1 to this, both included. 0 is never one. */
export const STICKY_HASH_MAX = 65_535;

/** The same of the classic dispatcher, which has nearly a hash of its own for each key (pulsar-semantics 2.3). */
export const CLASSIC_HASH_MAX = 2_147_483_646;

/** "Not a sticky hash": the mark of a position whose hash is not known, for example after a negative acknowledgement. */
export const HASH_UNKNOWN = 0;

/**
 * Sticky hash of a murmur hash under AUTO_SPLIT with consistent hashing: `h % 65535 + 1`. Pulsar's documentation prints
 * `% 65536 + 1`; only this formula gives the ranges and draining hashes of a running broker.
 */
export function stickyHashOf(murmur: number, hashMax = STICKY_HASH_MAX): number {
  return (murmur % hashMax) + 1;
}

/** The same under STICKY and under AUTO_SPLIT with range split: `h % 65536`, where a result of 0 becomes 1. */
export function stickyHashOfRanges(murmur: number): number {
  return murmur % (STICKY_HASH_MAX + 1) || 1;
}
