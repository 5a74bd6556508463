/**
 * Bytes ↔ event. The only place where an event's shape meets the outside: messages, traces and histories.
 *
 * What cannot be read is a value, not an exception: the caller quarantines it with the reason.
 */
import { z } from 'zod';
import { SCHEMA_VERSION, type UserEvent, type UserEventType } from './model/event';

/** Ids of users go into Redis hash tags: what could break a tag is refused (idempotency 6). */
export const USER_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** A message above this is quarantined unread. */
export const PAYLOAD_BYTES_MAX = 64 * 1024;

const text = z.string().min(1).max(256);
const amount = z.number().int().min(0).max(1_000_000_000);

/** The data of each event type; traces carry it without the envelope. */
export const EVENT_DATA = {
  UserCreated: z.strictObject({ name: text, email: text }),
  UserRenamed: z.strictObject({ name: text }),
  UserEmailChanged: z.strictObject({ email: text }),
  UserCredited: z.strictObject({ amount }),
  UserDebited: z.strictObject({ amount }),
  UserDeleted: z.strictObject({}),
} as const satisfies Readonly<Record<UserEventType, z.ZodType>>;

const envelope = {
  id: text,
  user: z.string().regex(USER_ID, 'user must match ^[A-Za-z0-9_-]{1,64}$'),
  sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  intendedAt: z.number().min(0),
  schemaVersion: z.literal(SCHEMA_VERSION),
};

const variant = <T extends UserEventType>(type: T) =>
  z.strictObject({ ...envelope, type: z.literal(type), data: EVENT_DATA[type] });

/** An event as it travels. A type test proves that it equals model/event.ts. */
export const userEventSchema = z.discriminatedUnion('type', [
  variant('UserCreated'),
  variant('UserRenamed'),
  variant('UserEmailChanged'),
  variant('UserCredited'),
  variant('UserDebited'),
  variant('UserDeleted'),
]);

/** What decoding gives: an event with the digest of its bytes, or the reason why there is none. */
export type Decoded =
  | { readonly event: UserEvent; readonly digest: number; readonly reason: null }
  | { readonly event: null; readonly digest: number; readonly reason: UnreadableReason };

/** Closed set, usable as a metric label. */
export type UnreadableReason =
  | 'too-large'
  | 'not-json'
  | 'unknown-type'
  | 'unknown-version'
  | 'missing-sequence'
  | 'invalid';

const utf8Encoder = new TextEncoder();

export function encodeEvent(event: UserEvent): Uint8Array {
  return utf8Encoder.encode(JSON.stringify(event));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeEvent(payload: Uint8Array): Decoded {
  const digest = digestOf(payload);
  if (payload.length > PAYLOAD_BYTES_MAX) return { event: null, digest, reason: 'too-large' };
  let raw: unknown;
  try {
    raw = JSON.parse(utf8.decode(payload));
  } catch {
    return { event: null, digest, reason: 'not-json' };
  }
  const parsed = userEventSchema.safeParse(raw);
  return parsed.success ? { event: parsed.data, digest, reason: null } : { event: null, digest, reason: reasonOf(raw) };
}

function reasonOf(raw: unknown): UnreadableReason {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return 'invalid';
  const { type, schemaVersion, sequence } = raw as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string' || !Object.hasOwn(EVENT_DATA, type)) return 'unknown-type';
  if (schemaVersion !== SCHEMA_VERSION) return 'unknown-version';
  if (sequence === undefined || sequence === null) return 'missing-sequence';
  return 'invalid';
}

/**
 * FNV-1a over the bytes, 31 bits. Not a security device: it tells whether two payloads of one event differ, and feeds
 * the chain hash, which a Lua script must be able to compute in doubles.
 */
export function digestOf(payload: Uint8Array): number {
  let hash = 0x811c9dc5;
  /** By index: an iterator takes three times as long, and this runs over every byte. */
  for (let at = 0; at < payload.length; at += 1) hash = Math.imul(hash ^ (payload[at] ?? 0), 0x01000193);
  return hash & 0x7fffffff;
}
