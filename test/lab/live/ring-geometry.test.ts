/** Where hashes, arcs and labels stand on the ring of the live page. */
import { arcsOf, placeAt, RING_SIZE, spread, turnOf } from '../../../lab/live/page/ring-geometry';
import { STICKY_HASH_MAX } from '../../../shared/simulator/sticky-hash';

const MIDDLE = RING_SIZE / 2;

it('goes round clockwise from the top', () => {
  expect(placeAt(0, 100)).toEqual({ x: MIDDLE, y: MIDDLE - 100 });
  expect(placeAt(0.25, 100)).toEqual({ x: MIDDLE + 100, y: MIDDLE });
  expect(placeAt(0.5, 100)).toEqual({ x: MIDDLE, y: MIDDLE + 100 });
});

it('gives the lowest hash the top, and comes to the top again behind the highest', () => {
  expect(turnOf(1)).toBe(0);
  expect(turnOf(STICKY_HASH_MAX + 1)).toBe(1);
});

it('draws an arc for each range, and halves one that would end where it begins', () => {
  const arcCount = (ranges: readonly (readonly [number, number])[]) => arcsOf(ranges, 100).split('A').length - 1;
  expect(arcsOf([], 100)).toBe('');
  expect(
    arcCount([
      [1, 100],
      [200, 300],
    ]),
  ).toBe(2);
  expect(arcCount([[1, STICKY_HASH_MAX]])).toBe(2);
  const ends = arcsOf([[1, STICKY_HASH_MAX]], 100);
  expect(ends).toContain(`${MIDDLE} ${MIDDLE + 100}`);
});

it('moves labels apart that would cover each other, keeps their order, and moves no other', () => {
  expect(spread([0.1, 0.5], 0.05)).toEqual([0.1, 0.5]);
  const moved = spread([0.1, 0.1, 0.11, 0.5], 0.05);
  for (const [index, turn] of moved.slice(1).entries())
    expect(turn - (moved[index] ?? 0)).toBeCloseTo(Math.max(0.05, turn === 0.5 ? 0.3 : 0));
  expect(moved.at(-1)).toBe(0.5);
});

it('has room for as many labels as there are', () => {
  const moved = spread(
    Array.from({ length: 40 }, () => 0),
    0.05,
  );
  expect((moved.at(-1) ?? 1) - (moved[0] ?? 0)).toBeLessThan(1);
});
