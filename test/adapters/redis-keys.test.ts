import fc from 'fast-check';
import { idOf, RedisKeys, textOf } from '../../shared/adapters/redis-keys';

/** Any sequence of code units, halves of surrogate pairs among them. */
const anyText = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...Array.from('{}:~*"\\', (c) => c.charCodeAt(0)))),
  )
  .map((units) => String.fromCharCode(...units));

const keys = new RedisKeys('orderlab:test');
const KINDS = ['m', 'a', 'o', 'q'] as const;

/** What a cluster hashes: between the first brace and the next closing one; without any, or nothing between, the whole key. */
function slotText(key: string): string {
  const start = key.indexOf('{');
  const end = key.indexOf('}', start + 1);
  return start === -1 || end <= start + 1 ? key : key.slice(start + 1, end);
}

const bytesOf = (key: string) => Buffer.from(key).toString('hex');

describe('the keys of one user', () => {
  it('share a slot, whatever the ids of user and event', () => {
    fc.assert(
      fc.property(anyText, anyText, (user, eventId) => {
        const slots = new Set(keys.touched(KINDS, user, eventId).map(slotText));
        expect(slots.size).toBe(1);
        expect([...slots][0]).not.toContain('orderlab');
      }),
    );
  });

  it('are read back as that user and event', () => {
    fc.assert(
      fc.property(anyText, anyText, (user, eventId) => {
        for (const kind of KINDS) expect(keys.parse(keys.of(kind, user))).toEqual({ user, eventId: null });
        expect(keys.parse(keys.marker(user, eventId))).toEqual({ user, eventId });
      }),
    );
  });

  it('are nobody else’s, as the bytes that are sent', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, anyText, (user, other, eventId, otherId) => {
        fc.pre(user !== other || eventId !== otherId);
        expect(bytesOf(keys.marker(user, eventId))).not.toBe(bytesOf(keys.marker(other, otherId)));
        if (user !== other) expect(bytesOf(keys.of('m', user))).not.toBe(bytesOf(keys.of('m', other)));
      }),
    );
  });

  it('show a plain id as it is', () => {
    expect(keys.touched(KINDS, 'ada', 'e1')).toEqual([
      ...['m', 'a', 'o', 'q'].map((kind) => `orderlab:test:${kind}:{ada}`),
      'orderlab:test:k:{ada}:e1',
    ]);
  });
});

describe('an id as text', () => {
  it('comes back as it was, through UTF-8', () => {
    fc.assert(fc.property(anyText, (id) => expect(idOf(Buffer.from(textOf(id)).toString('utf8'))).toBe(id)));
  });
});

describe('a key prefix', () => {
  it.each(['', 'a:', ':a', 'a*', 'a{b}', 'a?', 'a[b]', 'a b', 'a\nb'])('may not be %j', (prefix) => {
    expect(() => new RedisKeys(prefix)).toThrow(/key prefix/);
  });
});
