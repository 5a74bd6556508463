import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { AHEAD_MAX, heldLoad } from '../../lab/held-load';
import type { UserEvent } from '../../shared/model/event';
import { eventOf } from '../support/history-builder';

async function* events(count: number): AsyncGenerator<UserEvent> {
  for (let sequence = 1; sequence <= count; sequence += 1) yield eventOf('ann', sequence);
}

interface Held {
  /** Of the join. */
  readonly at: number;
  readonly overAtMs: number;
  readonly stopsAtMs?: number;
}

/** When each event was taken, at once, while a join that is due at a count is over at a time. */
async function takenAtMs(eventCount: number, { at, overAtMs, stopsAtMs = Number.POSITIVE_INFINITY }: Held) {
  const clock = openVirtualClock();
  const nextMoveAt = (): number => (clock.nowMs() < overAtMs ? at : Number.POSITIVE_INFINITY);
  const isOver = (): boolean => clock.nowMs() >= stopsAtMs;
  const times: number[] = [];
  const take = async (): Promise<void> => {
    for await (const _ of heldLoad(events(eventCount), { clock, nextMoveAt, isOver })) times.push(clock.nowMs());
  };
  await clock.run(take());
  return times;
}

describe('a held load', () => {
  it('does not run ahead of a join by more than its bound, and gives every event when it is over', async () => {
    const times = await takenAtMs(1_000, { at: 100, overAtMs: 50 });
    expect(times.filter((atMs) => atMs < 50)).toHaveLength(100 + AHEAD_MAX);
    expect(times).toHaveLength(1_000);
  });

  it('waits for nothing where the workload ends before the bound', async () => {
    expect(new Set(await takenAtMs(100 + AHEAD_MAX, { at: 100, overAtMs: 50 }))).toEqual(new Set([0]));
  });

  it('lets go when the run is to end', async () => {
    expect(Math.max(...(await takenAtMs(1_000, { at: 100, overAtMs: Number.POSITIVE_INFINITY, stopsAtMs: 20 })))).toBe(
      20,
    );
  });

  it('lets go at its deadline, once and for all', async () => {
    const times = await takenAtMs(1_000, { at: 100, overAtMs: Number.POSITIVE_INFINITY });
    expect([...new Set(times)]).toEqual([0, 120_000]);
  });
});
