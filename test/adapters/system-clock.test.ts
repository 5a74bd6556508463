import { systemClock } from '../../shared/adapters/system-clock';

describe('the system clock', () => {
  it('tells epoch milliseconds and never steps back', () => {
    const times = Array.from({ length: 1_000 }, () => systemClock.nowMs());
    expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000);
    expect([...times].sort((left, right) => left - right)).toEqual(times);
  });

  it('sleeps about as long as it is told, and not at all for a time in the past', async () => {
    const startMs = systemClock.nowMs();
    await systemClock.sleep(20);
    // Node's timers count in whole milliseconds and may fire up to one early.
    expect(systemClock.nowMs() - startMs).toBeGreaterThanOrEqual(19);
    await systemClock.sleep(-5);
  });

  it('sleeps longer than one timer can', async () => {
    const delaysMs: (number | undefined)[] = [];
    const setTimer = jest.spyOn(globalThis, 'setTimeout').mockImplementation((wake, ms) => {
      delaysMs.push(ms);
      wake();
      return setImmediate(() => {}) as never;
    });
    await systemClock.sleep(2 ** 31 + 99);
    setTimer.mockRestore();
    expect(delaysMs).toEqual([2 ** 31 - 1, 100]);
  });
});
