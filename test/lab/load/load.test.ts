/** Loads on the embedded parts, in virtual time. */
import { Latency } from '../../../lab/load/latency';
import { type LoadReport, loadLines } from '../../../lab/load/load-report';
import type { LoadSecond } from '../../../lab/load/load-tally';
import { loadVirtually } from '../../support/load-run';

const SMALL = { rate: '200', duration: '3', users: '20' } as const;
const NAIVE = { ...SMALL, topology: 'shared', strategy: 'no-guard', slowHandlers: '3:20' } as const;

let small: LoadReport;
const seconds: LoadSecond[] = [];
beforeAll(async () => {
  small = await loadVirtually(SMALL, { onSecond: (second) => seconds.push(second) });
});

it('is valid with the reference, and its figures add up', () => {
  const { verdict, reasons, counts, rates, latency, lateness, series } = small;
  expect({ verdict, reasons }).toEqual({ verdict: 'valid', reasons: [] });
  expect(counts).toMatchObject({ sent: 600, stored: 600, applied: 600, failed: 0, unknown: 0, lost: 0, users: 20 });
  expect(rates.asked).toBe(200);
  expect(rates.sent).toBeCloseTo(200, -1);
  expect([latency.count, lateness.count]).toEqual([600, 600]);
  expect(sumOf(series, 'sent')).toBe(600);
  expect(sumOf(series, 'applied')).toBe(600);
});

it('is invalid on Shared without a guard, with the swaps counted and one of them named, in every second', async () => {
  const { verdict, reasons, counts, series } = await loadVirtually(NAIVE);
  expect(verdict).toBe('invalid');
  expect(counts.swapped).toBeGreaterThan(10);
  expect(reasons[0]).toMatch(/^events swapped \(X3\): \d+, such as: u-\d+ #\d+ was applied after #\d+$/);
  expect(sumOf(series, 'swapped')).toBe(counts.swapped);
  expect(series.slice(0, 3).every(({ swapped }) => swapped > 0)).toBe(true);
});

it('sends the same events at the same times with the same seed', async () => {
  const once = { ...SMALL, arrival: 'poisson', duration: '0.5' };
  const [first, again, other] = [
    await loadVirtually(once),
    await loadVirtually(once),
    await loadVirtually(once, {}, '8'),
  ];
  expect(again).toEqual(first);
  expect(other.histograms).not.toEqual(first.histograms);
});

it('measures a stall from the intended time: events that wait for their turn are late, not left out', async () => {
  const stalled = await loadVirtually({
    ...SMALL,
    consumers: '2',
    slowHandlers: '1:100',
    topology: 'key-shared',
    users: '2',
    skew: 'uniform',
  });
  const { latency, rates } = stalled;
  expect(latency.count).toBe(600);
  /** Two users at 100 a second each are handled at 10 a second each: the last one waits about 27 seconds. */
  expect(latency.max).toBeGreaterThan(20_000);
  expect(latency.p50).toBeGreaterThan(latency.max / 3);
  expect(rates.sent).toBeCloseTo(200, -1);
});

it('judges the warm-up and does not measure it', async () => {
  const { counts, latency } = await loadVirtually({ ...SMALL, duration: '1', warmup: '0.5' });
  expect([counts.sent, latency.count]).toEqual([300, 200]);
});

it('is never valid when it was interrupted, or too small to have failed', async () => {
  const interrupted = await loadVirtually(SMALL, { stop: { stopping: true } });
  expect(interrupted).toMatchObject({ verdict: 'unknown', counts: { sent: 0 } });
  expect(interrupted.reasons).toContain('interrupted before every event was published');
  const tiny = await loadVirtually({ ...SMALL, duration: '0.1' });
  expect(tiny.verdict).toBe('unknown');
  expect(tiny.reasons.join()).toContain('below the floor: users with at least two events');
});

it('plays a recorded stream in its own time, faster', async () => {
  const { counts, rates, verdict } = await loadVirtually({ trace: 'fastify', speedup: '100000000' });
  expect(counts).toMatchObject({ sent: 6_056, applied: 6_056, users: 896 });
  expect([rates.asked, verdict]).toEqual([null, 'valid']);
});

it('tells of each second as it ends', () => {
  expect(seconds).toEqual(small.series);
  expect(seconds.map(({ atS }) => atS).slice(0, 3)).toEqual([1, 2, 3]);
});

it('reports in lines what it reports as data', () => {
  const lines = loadLines(small).join('\n');
  for (const part of ['VALID', 'sent 600, stored 600', '200 asked', "the generator's own error"])
    expect(lines).toContain(part);
});

it('leaves histograms that give the same percentiles when they are read again', () => {
  const { histograms, latency } = small;
  expect(Latency.decode(histograms.latency).figures).toEqual(latency);
});

function sumOf(series: readonly LoadSecond[], name: 'sent' | 'applied' | 'swapped'): number {
  return series.reduce((sum, second) => sum + second[name], 0);
}
