import { execFileSync } from 'node:child_process';
import { machineClock, systemClock } from '../../shared/adapters/system-clock';

describe('the system clock', () => {
  it('tells epoch milliseconds and never steps back', () => {
    const times = Array.from({ length: 1_000 }, () => systemClock.nowMs());
    expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000);
    expect([...times].sort((left, right) => left - right)).toEqual(times);
  });

  it('is one clock in every process that is given its origin', () => {
    const told = 'const [s, ns] = process.hrtime(); console.log(s * 1_000 + ns / 1_000_000)';
    const beforeMs = systemClock.nowMs();
    const thereMs = systemClock.originMs + Number(execFileSync(process.execPath, ['-e', told], { encoding: 'utf8' }));
    const afterMs = systemClock.nowMs();
    expect(thereMs).toBeGreaterThan(beforeMs);
    expect(thereMs).toBeLessThan(afterMs);
  });

  it('follows its origin, whatever the wall clock of its process says', () => {
    const earlier = machineClock(systemClock.originMs - 60_000);
    expect(systemClock.nowMs() - earlier.nowMs()).toBeCloseTo(60_000, -2);
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
