/** Which partition a key goes to. A rule of the producing client, which is why clients must agree on the hash. */

/**
 * Partition of a keyed message: murmur hash modulo the number of partitions (`hashingScheme: Murmur3_32Hash`; the
 * default of the Java client is another hash, pulsar-semantics 5.4). -1 on a plain topic (partitionCount 0).
 */
export function partitionOf(murmur: number, partitionCount: number): number {
  return partitionCount === 0 ? -1 : murmur % partitionCount;
}
