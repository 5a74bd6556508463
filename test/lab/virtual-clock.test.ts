import { readFile } from 'node:fs/promises';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';

describe('the virtual clock', () => {
  it('jumps from timer to timer, in order of time and then of setting', async () => {
    const clock = openVirtualClock(1_000);
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.nowMs()}`);
    };
    await clock.run(Promise.all([sleeper('a', 86_400_000), sleeper('b', 5), sleeper('c', 5), sleeper('d', -1)]));
    expect(woken).toEqual(['d@1000', 'b@1005', 'c@1005', 'a@86401000']);
  });

  it('stands still while promises and immediates have something to do', async () => {
    const clock = openVirtualClock();
    const work = async (): Promise<number> => {
      for (let turn = 0; turn < 2_000; turn += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      return clock.nowMs();
    };
    expect(await clock.run(Promise.race([work(), clock.sleep(1).then(() => -1)]))).toBe(0);
  });

  it('stands still while a file is read', async () => {
    const clock = openVirtualClock();
    expect(await clock.run(readFile(__filename).then(() => clock.nowMs()))).toBe(0);
  });

  it('answers as its work does', async () => {
    await expect(openVirtualClock().run(Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await openVirtualClock().run(Promise.resolve(7))).toBe(7);
  });

  it('names a deadlock instead of waiting for ever', async () => {
    const clock = openVirtualClock();
    const stuck = clock.sleep(30).then(() => new Promise(() => {}));
    await expect(clock.run(stuck)).rejects.toThrow('deadlock at 30 ms of virtual time');
  });

  it('goes on where it stood when it runs again', async () => {
    const clock = openVirtualClock();
    await clock.run(clock.sleep(10));
    await clock.run(clock.sleep(10));
    expect(clock.nowMs()).toBe(20);
  });
});
