/** The search for the highest rate, over loads that fail from a known rate on. */
import { type FindMaxOptions, findMax, readGoal } from '../../../lab/load/find-max';
import type { LoadReport } from '../../../lab/load/load-report';
import { loadVirtually } from '../../support/load-run';

let report: LoadReport;
beforeAll(async () => {
  report = await loadVirtually({ rate: '200', duration: '0.5', users: '10' });
});

/** A system that keeps up to `capacity` events per second, and is late above it. */
function search(capacity: number, choice: Partial<FindMaxOptions> = {}) {
  const tried: number[] = [];
  const options: FindMaxOptions = {
    ...{ goal: { percentile: 'p99', ms: 200 }, startRate: 100, rateMax: 100_000, precision: 0.1 },
    load: async (rate) => ({ ...report, latency: { ...report.latency, p99: rate > capacity ? 900 : 5 } }),
    onStep: ({ rate }) => tried.push(rate),
    stop: { stopping: false },
    ...choice,
  };
  return findMax(options).then((found) => ({ found, tried }));
}

it.each([150, 730, 1_000, 77_000])(
  'finds %i within its precision, with the step below and the step above',
  async (capacity) => {
    const { found } = await search(capacity);
    const [low, high] = [found.highest?.rate ?? 0, found.lowestFailed?.rate ?? 0];
    expect(low).toBeLessThanOrEqual(capacity);
    expect(high).toBeGreaterThan(capacity);
    expect(high - low).toBeLessThanOrEqual(low * 0.1);
  },
);

it('doubles while all goes well, and then halves what is left', async () => {
  const { tried } = await search(730);
  expect(tried.slice(0, 6)).toEqual([100, 200, 400, 800, 600, 700]);
});

it('looks lower when the first step fails already, and ends when nothing holds', async () => {
  expect((await search(30)).found.highest?.rate).toBeLessThanOrEqual(30);
  expect((await search(0)).found).toMatchObject({ highest: null });
});

it('ends at the limit that it was given', async () => {
  const { found } = await search(1_000_000, { rateMax: 350 });
  expect([found.highest?.rate, found.lowestFailed]).toEqual([350, null]);
});

it('takes an invalid load for a failed step, however quick it was, and says why', async () => {
  const load = async () => ({ ...report, verdict: 'invalid' as const, reasons: ['events swapped (X3): 3'] });
  const { found } = await search(1_000, { load });
  expect(found.lowestFailed?.reasons).toEqual(['events swapped (X3): 3']);
});

it('tries nothing more once it is stopped', async () => {
  expect((await search(730, { stop: { stopping: true } })).tried).toEqual([]);
});

it.each([
  ['p99=200ms', { percentile: 'p99', ms: 200 }],
  ['p99.9=1.5s', { percentile: 'p999', ms: 1_500 }],
  ['max=2s', { percentile: 'max', ms: 2_000 }],
])('reads %s', (text, goal) => expect(readGoal(text)).toEqual(goal));

it.each(['', 'p99', 'p98=2ms', 'p99=2', 'p99=-2ms'])('refuses "%s"', (text) =>
  expect(() => readGoal(text)).toThrow('--slo'),
);
