import { sendOffsetMs } from '../../producers/schedule';

describe('a schedule', () => {
  it('as fast as possible names no time', () => {
    expect(sendOffsetMs(null, 7, 7_000)).toBeNull();
  });

  it('of a constant rate spaces events evenly and does not add up rounding', () => {
    expect([0, 1, 2, 3_000_000].map((index) => sendOffsetMs({ perSecond: 3 }, index, 0))).toEqual([
      0,
      1_000 / 3,
      2_000 / 3,
      1_000_000_000,
    ]);
  });

  it('of trace time divides by the speedup', () => {
    expect(sendOffsetMs({ traceSpeedup: 60 }, 1, 120_000)).toBe(2_000);
  });

  it('of trace time sends at the start what is older than the first event', () => {
    expect(sendOffsetMs({ traceSpeedup: 60 }, 1, -5)).toBe(0);
  });
});
