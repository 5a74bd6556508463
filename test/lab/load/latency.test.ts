/** Histograms of a load. */
import * as fc from 'fast-check';
import { Latency } from '../../../lab/load/latency';
import { LATENCY_MS_MAX } from '../../../lab/load/load-limits';

function latencyOf(figures: readonly number[]): Latency {
  const latency = Latency.empty();
  for (const ms of figures) latency.record(ms);
  return latency;
}

it('gives percentiles within a thousandth', () => {
  const { p50, p99, p999, max, count } = latencyOf(Array.from({ length: 10_000 }, (_, index) => index + 1)).figures;
  expect(count).toBe(10_000);
  for (const [figure, exact] of [
    [p50, 5_000],
    [p99, 9_900],
    [p999, 9_990],
    [max, 10_000],
  ] as const) {
    expect(Math.abs(figure - exact)).toBeLessThanOrEqual(exact / 500);
  }
});

it('is 0 everywhere while nothing was recorded', () => {
  expect(Latency.empty().figures).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
});

it('takes what is out of its range for its bounds', () => {
  expect(latencyOf([-5]).figures.max).toBe(0);
  expect(latencyOf([LATENCY_MS_MAX * 2]).figures.max).toBeGreaterThanOrEqual(LATENCY_MS_MAX);
});

it('merges two processes as if one had recorded it all, over the wire too', () => {
  const figures = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(figures, figures, (left, right) => {
      const merged = Latency.empty();
      for (const part of [left, right]) merged.add(Latency.decode(latencyOf(part).encoded));
      expect(merged.figures).toEqual(latencyOf([...left, ...right]).figures);
    }),
  );
});

it('refuses what is no histogram', () => expect(() => Latency.decode('what?')).toThrow('compressed HDR in base64'));
