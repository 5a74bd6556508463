/** MurmurHash3 x86 32-bit, seed 0, 31 bits: the only hash that Pulsar's brokers use (pulsar-semantics 2.2). */

const utf8 = new TextEncoder();
/** Where texts of up to a third of this length are encoded: a buffer of its own for each key would cost more than the hash. */
const scratch = new Uint8Array(768);

/** Hash of the UTF-8 bytes of `text`, 0..2^31-1. Source: Pulsar's Murmur3_32Hash.makeHash. */
export function murmurHash(text: string): number {
  const isShort = 3 * text.length <= scratch.length;
  const bytes = isShort ? scratch : utf8.encode(text);
  return hashBytes(bytes, isShort ? utf8.encodeInto(text, scratch).written : bytes.length);
}

function hashBytes(bytes: Uint8Array, length: number): number {
  const tailStart = length & ~3;
  let hash = 0;
  for (let index = 0; index < tailStart; index += 4) {
    hash = Math.imul(rotateLeft(hash ^ scramble(blockAt(bytes, index, 4)), 13), 5) + 0xe6546b64;
  }
  if (tailStart < length) hash ^= scramble(blockAt(bytes, tailStart, length - tailStart));
  return finish(hash ^ length) & 0x7fffffff;
}

/** Up to four bytes as a little-endian number. */
function blockAt(bytes: Uint8Array, start: number, length: number): number {
  let block = 0;
  for (let index = 0; index < length; index += 1) block |= (bytes[start + index] ?? 0) << (8 * index);
  return block;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function scramble(block: number): number {
  return Math.imul(rotateLeft(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function finish(hash: number): number {
  let word = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
