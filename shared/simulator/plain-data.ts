/**
 * Copies and hashes of plain data: arrays, maps, sets, objects, bytes, texts, numbers, booleans and null. Enough for a
 * state machine's state to be put aside, taken up again and compared.
 */
import { InvariantError } from '../model/invariant';

/** A copy that shares nothing that can change. Frozen objects (and what they hold) and bytes are shared. */
export function copyPlain<T>(value: T): T {
  return copyValue(value) as T;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  if (value instanceof Map) return new Map([...value].map(([key, held]) => [key, copyValue(held)]));
  if (value instanceof Set) return new Set(value);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, copyValue(held)]));
}

/**
 * 16 hexadecimal digits over everything in `value`, order included: equal digits mean equal behaviour (but for a chance
 * of 2^-64), different digits need not mean different behaviour, since a map remembers in which order it was filled.
 */
export function hashPlain(value: unknown): string {
  const digest: Digest = { low: 0x2545f491, high: 0x4f6cdd1d };
  hashValue(digest, value);
  return hex(digest.high) + hex(digest.low);
}

interface Digest {
  low: number;
  high: number;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function mix(digest: Digest, word: number): void {
  digest.low = Math.imul(digest.low ^ word, 0x9e3779b1);
  digest.low ^= digest.low >>> 15;
  digest.high = Math.imul(digest.high ^ digest.low ^ (word >>> 16), 0x85ebca77);
  digest.high ^= digest.high >>> 13;
}

function mixText(digest: Digest, text: string): void {
  mix(digest, text.length);
  for (let index = 0; index < text.length; index += 1) mix(digest, text.charCodeAt(index));
}

/** Each kind of value starts with a mark of its own, so that `[1]` and `{0: 1}` differ. */
function hashValue(digest: Digest, value: unknown): void {
  if (typeof value === 'number') {
    hashNumber(digest, value);
    return;
  }
  if (typeof value === 'object' && value !== null) {
    hashObject(digest, value);
    return;
  }
  if (typeof value === 'function' || typeof value === 'symbol') throw new InvariantError('state must be plain data');
  mixText(digest, `${typeof value}:${String(value)}`);
}

function hashNumber(digest: Digest, value: number): void {
  mix(digest, 1);
  if (Number.isInteger(value) && Math.abs(value) < 0x8000_0000) mix(digest, value);
  else mixText(digest, String(value));
}

function hashObject(digest: Digest, value: object): void {
  if (value instanceof Uint8Array) {
    hashAll(digest, 2, value);
    return;
  }
  if (Array.isArray(value)) {
    hashAll(digest, 3, value);
    return;
  }
  if (value instanceof Set) {
    hashAll(digest, 4, value);
    return;
  }
  if (value instanceof Map) {
    hashAll(digest, 5, [...value].flat(1));
    return;
  }
  hashAll(digest, 6, Object.entries(value).flat(1));
}

function hashAll(digest: Digest, mark: number, values: Iterable<unknown>): void {
  mix(digest, mark);
  let count = 0;
  for (const value of values) {
    hashValue(digest, value);
    count += 1;
  }
  mix(digest, count);
}
