/** A fingerprint of a state's text, to compare replays by. */

/**
 * 64 bits as 16 hexadecimal digits: two multiplicative hashes over the code units. Not a security device: it tells
 * whether two runs of the same inputs ended alike.
 */
export function textHash(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b) ^ (high >>> 15);
  }
  return hexOf(high) + hexOf(low);
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
