/**
 * Message ids of Pulsar: the protobuf that its WebSocket API carries as base64, and the text that the lab prints.
 *
 * Fields of the protobuf: 1 ledger, 2 entry, 3 partition (absent on a plain topic), 4 batch index, 6 batch size
 * (pulsar-semantics 7.2). Only the first three name an entry; the others are skipped.
 */

/** Where an entry stands in its partition. Entry -1: before the first one of the ledger. */
export interface Place {
  readonly ledgerId: number;
  readonly entryId: number;
}

export interface PulsarMessageId extends Place {
  /** -1 on a plain topic. */
  readonly partition: number;
}

const LEDGER_FIELD = 1;
const ENTRY_FIELD = 2;
const PARTITION_FIELD = 3;
/** Wire types of protobuf. No other one occurs in a message id. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const CONTINUES = 0x80;
const VARINT_BYTES_MAX = 10;

/** `ledger:entry:partition`, as Pulsar prints it. */
export function printMessageId({ ledgerId, entryId, partition }: PulsarMessageId): string {
  return `${ledgerId}:${entryId}:${partition}`;
}

/** Null for a text that printMessageId does not print for a stored entry. */
export function parseMessageId(text: string): PulsarMessageId | null {
  const match = /^(\d+):(\d+):(-1|\d+)$/.exec(text);
  return match && { ledgerId: Number(match[1]), entryId: Number(match[2]), partition: Number(match[3]) };
}

/** A position as the admin API gives it, `ledger:entry`. */
export function readPlace(position: string): Place {
  const [ledgerId = -1, entryId = -1] = position.split(':').map(Number);
  return { ledgerId, entryId };
}

/** What is acknowledged above a mark-delete position: `[(3:5..3:8],(3:9..3:11]]`, the first place of each not included. */
export function readRanges(ranges: string): readonly (readonly [below: Place, last: Place])[] {
  const found = ranges.matchAll(/\((\d+:-?\d+)\.\.(\d+:\d+)\]/g);
  return [...found].map(([, below = '', last = '']) => [readPlace(below), readPlace(last)]);
}

export function isAfter(place: Place, other: Place): boolean {
  return place.ledgerId > other.ledgerId || (place.ledgerId === other.ledgerId && place.entryId > other.entryId);
}

/** Null for anything that is not a message id. A deduplicated send has ledger and entry -1. */
export function decodeMessageId(base64: string): PulsarMessageId | null {
  const fields = readFields(Buffer.from(base64, 'base64'));
  const ledgerId = fields?.get(LEDGER_FIELD);
  const entryId = fields?.get(ENTRY_FIELD);
  if (fields === null || ledgerId === undefined || entryId === undefined) return null;
  return { ledgerId, entryId, partition: fields.get(PARTITION_FIELD) ?? -1 };
}

/** The same bytes that a broker accepts for an entry that it did not push to this socket. */
export function encodeMessageId({ ledgerId, entryId, partition }: PulsarMessageId): string {
  const bytes = [...field(LEDGER_FIELD, ledgerId), ...field(ENTRY_FIELD, entryId)];
  if (partition >= 0) bytes.push(...field(PARTITION_FIELD, partition));
  return Buffer.from(bytes).toString('base64');
}

function readFields(bytes: Uint8Array): ReadonlyMap<number, number> | null {
  const fields = new Map<number, number>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const value = tag && readVarint(bytes, tag.next);
    if (tag === null || value === null) return null;
    const wireType = tag.value & 7;
    if (wireType !== VARINT && wireType !== LENGTH_DELIMITED) return null;
    if (wireType === VARINT) fields.set(tag.value >> 3, value.value);
    at = wireType === VARINT ? value.next : value.next + value.value;
  }
  return at === bytes.length ? fields : null;
}

/** Signed 64-bit, so that -1, which takes all ten bytes, reads as -1. Ids stay far below 2^53, in eight bytes at most. */
function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value += (byte % CONTINUES) * scale;
    scale *= CONTINUES;
    if (byte < CONTINUES)
      return { value: index === VARINT_BYTES_MAX - 1 ? negativeOf(bytes, start) : value, next: start + index + 1 };
  }
  return null;
}

/** The ten bytes of a negative number, whose value no double holds before its sign is taken. */
function negativeOf(bytes: Uint8Array, start: number): number {
  let value = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
    value |= BigInt((bytes[start + index] ?? 0) % CONTINUES) << BigInt(7 * index);
  }
  return Number(BigInt.asIntN(64, value));
}

/** Division, not shifts: a shift would cut a ledger id at 32 bits. */
function field(number: number, value: number): readonly number[] {
  const bytes = [number << 3];
  let rest = value;
  for (; rest >= CONTINUES; rest = Math.floor(rest / CONTINUES)) bytes.push((rest % CONTINUES) + CONTINUES);
  return [...bytes, rest];
}
