/** A killed incarnation runs nothing on: no record, no call, no acknowledgement, wherever the kill falls. */
import fc from 'fast-check';
import { startProjector } from '../../consumers/projector';
import { STRATEGIES } from '../../consumers/strategies/index';
import { Life, mortal, NEVER } from '../../lab/life';
import { STRATEGY_NAMES } from '../../shared/model/strategy';
import { SETTINGS, Stage } from '../support/stage';
import { credits } from '../support/user-event';

/** All that the world sees of the consumer. Points are looked at too: the dead meet no fate. */
async function callsUntilDeath(strategy: (typeof STRATEGY_NAMES)[number], killAt: number, seed: number) {
  const stage = new Stage('results');
  const life = new Life();
  let atDeath: readonly string[] | null = null;
  let reachedCount = 0;
  stage.script.onReached = () => {
    reachedCount += 1;
    if (reachedCount === killAt) {
      life.end();
      atDeath = [...stage.calls];
      return NEVER;
    }
    return (reachedCount * seed) % 7 === 0 ? stage.clock.sleep(reachedCount % 3).then(() => 'go' as const) : 'go';
  };
  startProjector({
    ...{ strategy: STRATEGIES[strategy], settings: { ...SETTINGS, publishesResult: true }, meter: stage.meter },
    ...{ ports: mortal(stage.ports, life), unackedCountMax: 1_000, witnessesOverlap: true },
    context: { listensTo: null, unlistened: 'advance', identity: 'event' },
  });
  /** Odd events first: half of what arrives is a gap. */
  const events = credits(18, 3);
  stage.offer(...events.filter(({ sequence }) => sequence % 2 === 1));
  stage.offer(...events.filter(({ sequence }) => sequence % 2 === 0));
  stage.offerBytes('u-0', new TextEncoder().encode('no event'));
  await stage.clock.run(stage.clock.sleep(300));
  return { stage, atDeath };
}

describe('a killed life', () => {
  it('runs nothing on, at whatever point it dies', async () => {
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STRATEGY_NAMES),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 6 }),
        async (strategy, killAt, seed) => {
          const { stage, atDeath } = await callsUntilDeath(strategy, killAt, seed);
          if (atDeath === null) return;
          deaths += 1;
          expect(stage.calls).toEqual(atDeath);
        },
      ),
    );
    expect(deaths).toBeGreaterThan(10);
  });

  it('settles nothing that it waited for, however that ends', async () => {
    const life = new Life();
    const settled: string[] = [];
    const note = (promise: Promise<unknown>, name: string) =>
      promise.then(
        () => settled.push(name),
        () => settled.push(name),
      );
    void note(life.hold(Promise.resolve()), 'before');
    await new Promise((resolve) => setImmediate(resolve));
    void note(life.hold(Promise.resolve()), 'resolved');
    void note(life.hold(Promise.reject(new Error('no'))), 'rejected');
    life.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual(['before']);
    expect(life.isAlive).toBe(false);
  });

  it('of a consumer that nobody kills ends nothing: every event is applied', async () => {
    const { stage, atDeath } = await callsUntilDeath('version-next-repair', Number.POSITIVE_INFINITY, 1);
    expect(atDeath).toBeNull();
    expect(stage.callsOf('ack')).toHaveLength(19);
  });
});
