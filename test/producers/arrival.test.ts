/** When the events of a load come. */
import { type Arrival, arrivalOffsetsMs, readArrival } from '../../producers/arrival';
import { syntheticDrafts } from '../../producers/synthetic';
import { seededRandom } from '../../shared/adapters/seeded-random';
import type { Random } from '../../shared/ports';

const first = (
  count: number,
  arrival: Arrival,
  rate: number,
  random: Random = seededRandom('7'),
): readonly number[] => {
  const offsets = arrivalOffsetsMs(arrival, rate, random);
  return Array.from({ length: count }, () => offsets.next().value);
};

it('spaces constant arrivals evenly', () => expect(first(4, { kind: 'constant' }, 200)).toEqual([0, 5, 10, 15]));

it('lets a burst come at once, and waits until the rate has caught up', () => {
  expect(first(7, { kind: 'burst', size: 3 }, 1_000)).toEqual([0, 0, 0, 3, 3, 3, 6]);
});

it('draws the gaps of poisson arrivals independently, with the mean of the rate and the spread of an exponential', () => {
  const offsets = first(20_001, { kind: 'poisson' }, 1_000);
  const gaps = offsets.slice(1).map((offset, index) => offset - (offsets[index] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  expect(mean).toBeCloseTo(1, 1);
  expect(deviation).toBeCloseTo(1, 1);
});

it('comes at the same times with the same seed, and at others with another', () => {
  const poisson = { kind: 'poisson' } as const;
  expect(first(50, poisson, 10)).toEqual(first(50, poisson, 10));
  expect(first(50, poisson, 10, seededRandom('8'))).not.toEqual(first(50, poisson, 10));
});

it('gives each draft its arrival as its own time', () => {
  const workload = { users: 1, events: 2, skew: 'uniform' };
  const heads = { offsetsMs: [3, 4].values(), nameOf: (user: string) => `x-${user}` };
  const drawn = [...syntheticDrafts(workload, seededRandom('7'), heads)];
  expect(drawn.map(({ at, user }) => [at, user])).toEqual([
    [3, 'x-u-1'],
    [4, 'x-u-1'],
  ]);
  /** What befalls the users is drawn alike. */
  expect(drawn.map(({ data }) => data)).toEqual(
    [...syntheticDrafts(workload, seededRandom('7'))].map(({ data }) => data),
  );
});

it.each(['constant', 'poisson', 'burst:50'])('reads %s', (text) =>
  expect(readArrival(text).kind).toBe(text.split(':')[0]),
);

it.each(['', 'burst', 'burst:0', 'burst:-1', 'often'])('refuses "%s" with what it could have been', (text) => {
  expect(() => readArrival(text)).toThrow(`an arrival is constant, poisson or burst:SIZE, got "${text}"`);
});
