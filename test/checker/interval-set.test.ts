import fc from 'fast-check';
import { IntervalSet } from '../../shared/checker/interval-set';

function setOf(values: readonly number[]): IntervalSet {
  const set = new IntervalSet();
  for (const value of values) set.add(value);
  return set;
}

const members = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });

describe('an interval set', () => {
  it('is a set, whatever the order of additions', () => {
    fc.assert(
      fc.property(members, (values) => {
        const set = new IntervalSet();
        const model = new Set<number>();
        for (const value of values) {
          expect(set.add(value)).toBe(!model.has(value));
          model.add(value);
        }
        const sorted = [...model].sort((one, other) => one - other);
        const runs = [...set.runs()].flatMap(([start, end]) =>
          Array.from({ length: end - start + 1 }, (_, index) => start + index),
        );
        expect(runs).toEqual(sorted);
        expect(set.size).toBe(model.size);
        expect(set.max).toBe(sorted.at(-1) ?? 0);
        for (let value = 0; value <= 42; value += 1) {
          expect(set.has(value)).toBe(model.has(value));
          expect(set.above(value)).toBe(sorted.find((member) => member > value) ?? null);
        }
      }),
    );
  });

  it('knows what it has without another, and in common with it', () => {
    fc.assert(
      fc.property(members, members, (ones, others) => {
        const expected = [...new Set(ones)].filter((value) => !others.includes(value)).sort((a, b) => a - b);
        expect([...setOf(ones).without(setOf(others))]).toEqual(expected);
        const common = new Set(ones.filter((value) => others.includes(value)));
        expect(setOf(ones).sizeOfIntersection(setOf(others))).toBe(common.size);
      }),
    );
  });

  it('refuses what is no sequence', () => {
    expect(setOf([0, -1]).size).toBe(0);
  });

  it('holds a dense million in one number', () => {
    const set = new IntervalSet();
    for (let value = 1; value <= 1_000_000; value += 1) set.add(value);
    expect([...set.runs()]).toEqual([[1, 1_000_000]]);
  });
});
