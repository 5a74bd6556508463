/**
 * Keys: what lies where in Redis. All keys of one user carry the user as hash tag, so that they share a slot and one
 * script may touch them all, on a cluster too (idempotency 6).
 *
 * `PREFIX:m:{u}` model, hash · `:a:{u}` journal, list · `:o:{u}` open handlers, list · `:q:{u}` quarantine, hash ·
 * `:k:{u}:EVENT` idempotency key, string · `PREFIX:s` sentinel, string. An access rule for an application is `~PREFIX:*`.
 */
import { OrderlabError } from '../errors';
import { invariant } from '../model/invariant';

/** What a prefix may be made of: nothing that a key pattern or a hash tag would read. */
const PREFIX = /^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)*$/;
/** What a user's id looks like; it goes into the hash tag as it is. */
const PLAIN_USER = /^[A-Za-z0-9_-]{1,64}$/;
/** Marks the tag of a user whose id is anything else. It cannot begin a plain one. */
const ENCODED = '~';

/** Kinds of keys: model, journal, open handlers, quarantine, idempotency key. */
export type Kind = 'm' | 'a' | 'o' | 'q' | 'k';

/** A key taken apart. `eventId` null: the key is no idempotency key. */
export interface KeyParts {
  readonly user: string;
  readonly eventId: string | null;
}

export class RedisKeys {
  /** Throws USAGE for a prefix that could be misread. */
  constructor(private readonly prefix: string) {
    if (!PREFIX.test(prefix))
      throw new OrderlabError('USAGE', { problem: `a key prefix is letters, digits, _ . - and :, got "${prefix}"` });
  }

  /** A key of a user. */
  of(kind: Exclude<Kind, 'k'>, user: string): string {
    return `${this.prefix}:${kind}:{${tagOf(user)}}`;
  }

  /** The idempotency key of an event. */
  marker(user: string, eventId: string): string {
    return `${this.prefix}:k:{${tagOf(user)}}:${textOf(eventId)}`;
  }

  /** The user's keys of these kinds, and the idempotency key of the event if there is one. */
  touched(kinds: readonly Exclude<Kind, 'k'>[], user: string, eventId: string | null): readonly string[] {
    const tag = tagOf(user);
    const keys = kinds.map((kind) => `${this.prefix}:${kind}:{${tag}}`);
    if (eventId !== null) keys.push(`${this.prefix}:k:{${tag}}:${textOf(eventId)}`);
    return keys;
  }

  /** Written when the store begins: where it is missing, what stood beside it may be missing too. */
  get sentinel(): string {
    return `${this.prefix}:s`;
  }

  /** Pattern for SCAN that meets the keys of these kinds, of all users. */
  pattern(kinds: string): string {
    return `${this.prefix}:[${kinds}]:{*`;
  }

  /** The inverse of `of` and `marker`. */
  parse(key: string): KeyParts {
    const tagStart = this.prefix.length + ':m:{'.length;
    const tagEnd = key.indexOf('}', tagStart);
    invariant(key.startsWith(`${this.prefix}:`) && tagEnd > tagStart, 'a key of this store has a hash tag');
    const isMarker = key[tagEnd + 1] === ':';
    return { user: userOf(key.slice(tagStart, tagEnd)), eventId: isMarker ? idOf(key.slice(tagEnd + 2)) : null };
  }
}

/**
 * A user's hash tag. Ids such as an empty one or `}` would put keys of one user into different slots, and `a}b` would
 * share the slot of `a`: those are encoded. Different users have different tags.
 */
function tagOf(user: string): string {
  return PLAIN_USER.test(user) ? user : ENCODED + Buffer.from(user, 'utf16le').toString('base64url');
}

function userOf(tag: string): string {
  return tag.startsWith(ENCODED) ? Buffer.from(tag.slice(1), 'base64url').toString('utf16le') : tag;
}

/**
 * The text that stands for an id, here and inside values. Half of a surrogate pair has no UTF-8: two ids that differ in
 * it alone would become one, and the second event a duplicate. JSON escapes it, and leaves ordinary ids as they are.
 */
export function textOf(id: string): string {
  return JSON.stringify(id).slice(1, -1);
}

/** The inverse of textOf. */
export function idOf(text: string): string {
  const id: unknown = JSON.parse(`"${text}"`);
  invariant(typeof id === 'string', 'an id is a text');
  return id;
}
