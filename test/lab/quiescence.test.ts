import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type Quiescence, quiescence, type Watched } from '../../lab/quiescence';
import type { MeterName } from '../../shared/model/metric';

/** What there is to see at a time. */
interface Sight {
  readonly backlog: number;
  readonly inHandCount: number;
  readonly parkedCount: number;
  readonly counts?: Partial<Record<MeterName, number>>;
}

const NOTHING: Sight = { backlog: 0, inHandCount: 0, parkedCount: 0 };
const NO_COUNTS: Readonly<Record<MeterName, number>> = {
  ...{ published: 0, delivered: 0, applied: 0, absorbed: 0, parked: 0, quarantined: 0 },
  'marker-disagreements': 0,
};

/** Watches a run of which `at` says what is seen when. */
async function watch(at: (nowMs: number) => Sight, check = () => {}): Promise<{ ended: Quiescence; atMs: number }> {
  const clock = openVirtualClock();
  const watched: Watched = {
    clock,
    backlog: async () => at(clock.nowMs()).backlog,
    load: () => at(clock.nowMs()),
    counts: () => ({ ...NO_COUNTS, ...at(clock.nowMs()).counts }),
    check,
  };
  const ended = await clock.run(quiescence(watched));
  return { ended, atMs: clock.nowMs() };
}

describe('quiescence', () => {
  it('is reached at once where nothing is left', async () => {
    expect(await watch(() => NOTHING)).toEqual({ ended: { state: 'drained', backlog: 0, parked: 0 }, atMs: 0 });
  });

  it('is not reached while the broker is empty and a handler still works', async () => {
    const { ended, atMs } = await watch((nowMs) => ({ ...NOTHING, inHandCount: nowMs < 500 ? 1 : 0 }));
    expect(ended.state).toBe('drained');
    expect(atMs).toBe(500);
  });

  it('is stuck when nothing but parked deliveries is left, and nothing has moved for three seconds', async () => {
    const { ended, atMs } = await watch(() => ({ backlog: 7, inHandCount: 2, parkedCount: 2 }));
    expect(ended).toEqual({ state: 'stuck', backlog: 7, parked: 2 });
    expect(atMs).toBe(3_000);
  });

  it('counts nothing as standstill that the plan is changing, and is judged from its end', async () => {
    const clock = openVirtualClock();
    let lookCount = 0;
    const settled = async (): Promise<boolean> => {
      lookCount += 1;
      if (lookCount !== 2) return false;
      await clock.sleep(60_000);
      return true;
    };
    const load = () => ({ inHandCount: 1, parkedCount: 1 });
    const watched = { clock, settled, backlog: async () => 1, load, counts: () => NO_COUNTS, check: () => {} };
    expect(await clock.run(quiescence(watched))).toEqual({ state: 'stuck', backlog: 1, parked: 1 });
    /** One look, the change, and three seconds from its end. */
    expect(clock.nowMs()).toBe(63_010);
  });

  it('waits as long as something moves', async () => {
    const { ended, atMs } = await watch((nowMs) => ({
      ...{ backlog: nowMs < 60_000 ? 7 : 0, inHandCount: 0, parkedCount: 0 },
      counts: { delivered: Math.floor(nowMs / 2_000) },
    }));
    expect(ended.state).toBe('drained');
    expect(atMs).toBe(60_000);
  });

  it('does not take parking and unparking for progress', async () => {
    const { ended, atMs } = await watch((nowMs) => ({
      ...{ backlog: 1, inHandCount: 1, parkedCount: 1 },
      counts: { parked: nowMs },
    }));
    expect(ended.state).toBe('stuck');
    expect(atMs).toBe(3_000);
  });

  it('is given up at the deadline when a handler never comes back, and says so', async () => {
    const { ended, atMs } = await watch(() => ({ backlog: 3, inHandCount: 2, parkedCount: 1 }));
    expect(ended).toEqual({ state: 'deadline', backlog: 3, parked: 1 });
    expect(atMs).toBe(30_000);
  });

  it('ends with the defect that stopped a consumer', async () => {
    const broken = () => {
      throw new Error('stopped by a defect');
    };
    await expect(watch(() => ({ ...NOTHING, backlog: 1 }), broken)).rejects.toThrow('stopped by a defect');
  });
});
