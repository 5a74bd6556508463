/** The hash of a key by which Java clients choose a partition unless they are told otherwise (pulsar-semantics 5.4). */

/** `String.hashCode() & 0x7fffffff`, over UTF-16 units. Source: JavaStringHash. */
export function javaStringHash(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return hash & 0x7fffffff;
}
