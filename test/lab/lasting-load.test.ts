import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type LastingLoadOptions, lastingLoad } from '../../lab/lasting-load';
import type { UserEvent } from '../../shared/model/event';
import { eventOf } from '../support/history-builder';

async function* events(count: number): AsyncGenerator<UserEvent> {
  for (let sequence = 1; sequence <= count; sequence += 1) yield eventOf('ann', sequence);
}

/** Sequences with the time at which each was taken, 10 ms from one to the next, while the faults end at a time. */
async function taken(eventCount: number, count: number, overAtMs: number, choice: Partial<LastingLoadOptions> = {}) {
  const clock = openVirtualClock();
  const seen: (readonly [sequence: number, atMs: number])[] = [];
  const take = async (): Promise<void> => {
    const isOver = (): boolean => clock.nowMs() >= overAtMs;
    const faults = { endsWithFaults: true, appliedCount: () => 0, isChanging: () => true, ...choice };
    for await (const { sequence } of lastingLoad(events(eventCount), { count, clock, isOver, ...faults })) {
      seen.push([sequence, clock.nowMs()]);
      await clock.sleep(10);
    }
  };
  await clock.run(take());
  return seen;
}

describe('a lasting load', () => {
  it('ends so many events after the faults, however long the workload is', async () => {
    const seen = await taken(1_000, 3, 50);
    expect(seen.map(([sequence]) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seen.filter(([, atMs]) => atMs >= 50)).toHaveLength(3);
  });

  it('lets the last events of a shorter workload wait for the end of the faults', async () => {
    expect(await taken(5, 2, 1_000)).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
      [4, 1_010],
      [5, 1_020],
    ]);
  });

  it('loses nothing of a workload that is shorter than what it keeps', async () => {
    expect(await taken(2, 10, 0)).toEqual([
      [1, 0],
      [2, 10],
    ]);
  });

  it('that is the whole workload gives all of it, the last events when the faults are over', async () => {
    const seen = await taken(6, 2, 25, { endsWithFaults: false });
    expect(seen.map(([sequence]) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    const late = await taken(4, 2, 500, { endsWithFaults: false });
    expect(late.filter(([, atMs]) => atMs >= 500).map(([sequence]) => sequence)).toEqual([3, 4]);
  });

  it('lets go when nothing has been applied and nothing has changed for long: no fault will strike', async () => {
    expect(await taken(1, 1, Number.POSITIVE_INFINITY, { isChanging: () => false })).toEqual([[1, 15_000]]);
  });

  it('lets go at its deadline, so that no run waits for ever', async () => {
    expect(await taken(1, 1, Number.POSITIVE_INFINITY)).toEqual([[1, 300_000]]);
  });
});
