import fc from 'fast-check';
import { InvariantError } from '../../shared/model/invariant';
import { copyPlain, hashPlain } from '../../shared/simulator/plain-data';
import { popPosition, pushPosition } from '../../shared/simulator/position-heap';

/** Values that look alike and must not be taken for one another. */
const DIFFERENT: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.NEGATIVE_INFINITY,
  '',
  '0',
  '1',
  'null',
  'ab',
  'ba',
  [],
  [0],
  [1],
  [0, 1],
  [1, 0],
  [[0], 1],
  [[0, 1]],
  {},
  { a: 1 },
  { b: 1 },
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  { a: { b: 2 } },
  new Set(),
  new Set([1]),
  new Set([1, 2]),
  new Set([2, 1]),
  new Map(),
  new Map([[1, 2]]),
  new Map([[2, 1]]),
  new Uint8Array(),
  new Uint8Array([0]),
  new Uint8Array([1]),
];

describe('the hash of plain data', () => {
  it('tells apart whatever differs, in kind, in value or in order', () => {
    const hashes = DIFFERENT.map(hashPlain);
    expect(new Set(hashes).size).toBe(DIFFERENT.length);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same for a copy', () => {
    for (const value of DIFFERENT) expect(hashPlain(copyPlain(value))).toBe(hashPlain(value));
  });

  it('has all of its 16 digits depend on one bit anywhere', () => {
    const hashes = Array.from({ length: 5000 }, (_, index) => hashPlain({ list: [1, 2, { position: index }] }));
    expect(new Set(hashes.map((hash) => hash.slice(0, 8))).size).toBeGreaterThan(4990);
    expect(new Set(hashes.map((hash) => hash.slice(8))).size).toBeGreaterThan(4990);
  });

  it('refuses what is no data', () => {
    expect(() => hashPlain([() => 1])).toThrow(InvariantError);
  });
});

describe('a copy of plain data', () => {
  it('equals the original and shares nothing that can change', () => {
    const frozen = Object.freeze({ payload: new Uint8Array([1]) });
    const original = { list: [1, { deep: 2 }], map: new Map([['a', { deep: 3 }]]), set: new Set([4]), frozen };
    const copy = copyPlain(original);
    expect(copy).toEqual(original);
    original.list.push(5);
    original.set.add(6);
    Object.assign(original.map.get('a') ?? {}, { deep: 7 });
    expect(copy).toEqual({ list: [1, { deep: 2 }], map: new Map([['a', { deep: 3 }]]), set: new Set([4]), frozen });
    expect(copy.frozen).toBe(frozen);
  });
});

describe('the heap of positions', () => {
  it('gives them back smallest first, whatever came in between', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat({ max: 50 }), { nil: null })), (steps) => {
        const heap: number[] = [];
        const model: number[] = [];
        for (const position of steps) {
          if (position === null) {
            expect(popPosition(heap)).toBe(model.shift());
            continue;
          }
          pushPosition(heap, position);
          model.push(position);
          model.sort((left, right) => left - right);
        }
        expect(heap).toHaveLength(model.length);
      }),
    );
  });
});
