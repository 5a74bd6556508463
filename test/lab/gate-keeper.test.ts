import fc from 'fast-check';
import { GateKeeper } from '../../lab/gate-keeper';
import type { EventRef } from '../../shared/model/plan';

const gates: readonly EventRef[] = [2, 1, 4, 3].map((sequence) => ({ user: 'ada', sequence }));

/** Handlers that arrive in the given order and pass as soon as they are let go. */
async function passingOrder(keeper: GateKeeper, arrivals: readonly EventRef[]): Promise<readonly number[]> {
  const passed: number[] = [];
  const handle = async (event: EventRef): Promise<void> => {
    await keeper.arrive(event, 'c1#1');
    passed.push(event.sequence);
    keeper.pass(event);
  };
  await Promise.all(arrivals.map(handle));
  return passed;
}

describe('gates', () => {
  it('let handlers go in the order of the plan, whatever the order of arrival', async () => {
    const arrival = fc.shuffledSubarray([...gates], { minLength: gates.length });
    await fc.assert(
      fc.asyncProperty(arrival, async (arrivals) => {
        expect(await passingOrder(new GateKeeper(gates), arrivals)).toEqual([2, 1, 4, 3]);
      }),
    );
  });

  it('hold nobody who is not in the plan', () => {
    const keeper = new GateKeeper(gates);
    expect(keeper.arrive({ user: 'ada', sequence: 5 }, 'c1#1')).toBe('go');
    expect(keeper.arrive({ user: 'bob', sequence: 1 }, 'c1#1')).toBe('go');
    expect(new GateKeeper([]).arrive({ user: 'ada', sequence: 1 }, 'c1#1')).toBe('go');
  });

  it('are not opened by work that is not at its turn', async () => {
    const keeper = new GateKeeper(gates);
    let isThrough = false;
    const second = keeper.arrive({ user: 'ada', sequence: 1 }, 'c1#1');
    void Promise.resolve(second).then(() => {
      isThrough = true;
    });
    keeper.pass({ user: 'ada', sequence: 4 });
    keeper.pass({ user: 'bob', sequence: 2 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isThrough).toBe(false);
    keeper.pass({ user: 'ada', sequence: 2 });
    expect(await second).toBe('go');
  });

  it('do not hold a repeat of work that has had its turn', () => {
    const keeper = new GateKeeper(gates);
    keeper.pass({ user: 'ada', sequence: 2 });
    expect(keeper.arrive({ user: 'ada', sequence: 2 }, 'c1#1')).toBe('go');
  });

  it('let the repeat go when the first holder of a gate has died in front of it', async () => {
    const keeper = new GateKeeper(gates);
    void keeper.arrive({ user: 'ada', sequence: 1 }, 'c1#1');
    const again = keeper.arrive({ user: 'ada', sequence: 1 }, 'c1#1');
    keeper.pass({ user: 'ada', sequence: 2 });
    expect(await again).toBe('go');
  });

  it('are not waited for by the consumer that holds what has to come before: it would wait for ever', async () => {
    const keeper = new GateKeeper(gates);
    const [one, two, three, four] = [1, 2, 3, 4].map((sequence) => ({ user: 'ada', sequence }));
    if (one === undefined || two === undefined || three === undefined || four === undefined)
      throw new Error('four events');
    keeper.take(one, 'c1#1');
    const first = keeper.arrive(one, 'c1#1');
    keeper.take(two, 'c1#1');
    expect(await first).toBe('go');
    keeper.pass(one);
    expect(keeper.arrive(two, 'c1#1')).toBe('go');
    keeper.take(three, 'c1#1');
    keeper.take(four, 'c2#1');
    const third = keeper.arrive(three, 'c1#1');
    keeper.pass(two);
    expect(keeper.arrive(four, 'c2#1')).toBe('go');
    keeper.pass(four);
    expect(await third).toBe('go');
  });

  it('hold nobody any more once all are opened', async () => {
    const [one, two] = [
      { user: 'ada', sequence: 1 },
      { user: 'ada', sequence: 2 },
    ];
    const keeper = new GateKeeper([two, one]);
    keeper.take(one, 'c1#1');
    const first = keeper.arrive(one, 'c1#1');
    keeper.openAll();
    expect(await first).toBe('go');
    keeper.pass(one);
    expect(keeper.arrive(two, 'c2#1')).toBe('go');
  });

  it('are waited for by everybody else, whoever holds another user of that name', () => {
    const keeper = new GateKeeper([
      { user: 'bob', sequence: 1 },
      { user: 'ada', sequence: 1 },
    ]);
    keeper.take({ user: 'bob', sequence: 1 }, 'c1#1');
    keeper.take({ user: 'ada', sequence: 1 }, 'c1#1');
    expect(keeper.arrive({ user: 'ada', sequence: 1 }, 'c1#1')).toBeInstanceOf(Promise);
  });
});
