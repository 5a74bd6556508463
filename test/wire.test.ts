import fc from 'fast-check';
import type { z } from 'zod';
import type { UserEvent } from '../shared/model/event';
import {
  decodeEvent,
  digestOf,
  encodeEvent,
  PAYLOAD_BYTES_MAX,
  type UnreadableReason,
  type userEventSchema,
} from '../shared/wire';
import { anyUserEvent, credits } from './support/user-event';

type IsMutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Assignable both ways and with the same keys: assignability alone does not see an optional field that one side lacks. */
type IsEqual<A, B> = IsMutual<[A, keyof A], [B, keyof B]>;
type Variant<E, T> = Extract<E, { readonly type: T }>;
type Parsed = z.infer<typeof userEventSchema>;
type Agrees<T extends UserEvent['type']> = IsEqual<Variant<UserEvent, T>, Variant<Parsed, T>> &
  IsEqual<Variant<UserEvent, T>['data'], Variant<Parsed, T>['data']>;

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

const [credit] = credits(1, 1);

describe('the wire format and the model', () => {
  // These are checked by the compiler: `tsc` refuses this file once model and schema disagree.
  it('agree on every type of event', () => {
    const agreements: {
      UserCreated: Agrees<'UserCreated'>;
      UserRenamed: Agrees<'UserRenamed'>;
      UserEmailChanged: Agrees<'UserEmailChanged'>;
      UserCredited: Agrees<'UserCredited'>;
      UserDebited: Agrees<'UserDebited'>;
      types: IsMutual<UserEvent['type'], Parsed['type']>;
    } = {
      UserCreated: true,
      UserRenamed: true,
      UserEmailChanged: true,
      UserCredited: true,
      UserDebited: true,
      types: true,
    };
    expect(Object.values(agreements)).not.toContain(false);
  });

  it('agree on UserDeleted, whose empty data both write in their own way', () => {
    const toModel = (event: Parsed): UserEvent => event;
    const toWire = (event: UserEvent): Parsed => event;
    const keys: IsEqual<Variant<UserEvent, 'UserDeleted'>, Variant<Parsed, 'UserDeleted'>> = true;
    expect([typeof toModel, typeof toWire, keys]).toEqual(['function', 'function', true]);
  });

  it('would be told apart by one field more, optional or not', () => {
    // @ts-expect-error the compiler sees a required field that only one side has
    const required: IsEqual<{ a: 1 }, { a: 1; b: 2 }> = true;
    // @ts-expect-error and an optional one
    const optional: IsEqual<{ a: 1 }, { a: 1; b?: 2 }> = true;
    const same: IsEqual<{ a: 1 }, { a: 1 }> = true;
    expect([required, optional, same]).toHaveLength(3);
  });
});

describe('decoding', () => {
  it('gives back every event that was encoded, with the digest of its bytes', () => {
    fc.assert(
      fc.property(anyUserEvent, (event) => {
        const payload = encodeEvent(event);
        expect(decodeEvent(payload)).toEqual({ event, digest: digestOf(payload), reason: null });
      }),
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        expect(decodeEvent(payload).reason).not.toBeNull();
      }),
    );
  });

  it('never throws, whatever JSON the bytes hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(decodeEvent(bytesOf(value)).reason).not.toBeNull();
      }),
    );
  });

  it('never throws, whatever one field of an event is replaced by', () => {
    const field = fc.constantFrom('id', 'user', 'sequence', 'intendedAt', 'schemaVersion', 'type', 'data');
    fc.assert(
      fc.property(anyUserEvent, field, fc.jsonValue(), (event, name, value) => {
        const { reason, event: decoded } = decodeEvent(bytesOf({ ...event, [name]: value }));
        expect(reason === null).toBe(decoded !== null);
      }),
    );
  });

  const broken: readonly (readonly [UnreadableReason, string, Uint8Array])[] = [
    ['too-large', 'a payload above the limit', new Uint8Array(PAYLOAD_BYTES_MAX + 1).fill(0x20)],
    ['not-json', 'no bytes at all', new Uint8Array()],
    ['not-json', 'bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['not-json', 'an event cut in half', bytesOf(credit).subarray(0, 40)],
    ['unknown-type', 'a type of the future', bytesOf({ ...credit, type: 'UserMerged' })],
    ['unknown-type', 'a name that every object inherits', bytesOf({ ...credit, type: 'constructor' })],
    ['unknown-type', 'no type', bytesOf({ ...credit, type: undefined })],
    ['unknown-version', 'a version of the future', bytesOf({ ...credit, schemaVersion: 2 })],
    ['missing-sequence', 'no sequence', bytesOf({ ...credit, sequence: undefined })],
    ['missing-sequence', 'a sequence of null', bytesOf({ ...credit, sequence: null })],
    ['invalid', 'a sequence of 0', bytesOf({ ...credit, sequence: 0 })],
    ['invalid', 'a sequence that doubles cannot tell from its successor', bytesOf({ ...credit, sequence: 2 ** 53 })],
    ['invalid', 'a user that would break a hash tag', bytesOf({ ...credit, user: 'a}b' })],
    ['invalid', 'a field that nobody knows', bytesOf({ ...credit, colour: 'red' })],
    ['invalid', 'data of another type', bytesOf({ ...credit, data: { name: 'Ann' } })],
    ['invalid', 'a negative amount', bytesOf({ ...credit, data: { amount: -1 } })],
    ['invalid', 'a list', bytesOf([credit])],
    ['invalid', 'null', bytesOf(null)],
  ];
  it.each(broken)('answers %s for %s', (reason, _what, payload) => {
    expect(decodeEvent(payload)).toEqual({ event: null, digest: digestOf(payload), reason });
  });

  it('reads a payload of exactly the limit', () => {
    const payload = new Uint8Array(PAYLOAD_BYTES_MAX).fill(0x20);
    payload.set(bytesOf(credit));
    expect(decodeEvent(payload).event).toEqual(credit);
  });
});

describe('the digest', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('of %j is the published FNV-1a value, less its top bit', (text, hash) => {
    expect(digestOf(new TextEncoder().encode(text))).toBe(hash & 0x7fffffff);
  });
});
