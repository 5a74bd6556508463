import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Offer, requireNeeds } from '../../lab/world-needs';
import { scenarioPlan } from '../../shared/config';
import { needsOf } from '../../shared/model/need';
import type { Plan } from '../../shared/model/plan';
import { SCENARIOS, SCENARIOS_ANYWHERE } from '../../shared/scenarios/registry';
import { planNamed } from '../support/scenario-run';
import { runVirtually, temporaryFolder } from '../support/virtual-run';

const EMBEDDED: Offer = { brokerUrl: 'embedded:', processes: false, ownsBroker: false };
const PULSAR: Offer = { ...EMBEDDED, brokerUrl: 'ws://127.0.0.1:8080' };
const OWN: Offer = { ...PULSAR, ownsBroker: true };

function isTaken(plan: Plan, offer: Offer): boolean {
  try {
    requireNeeds(plan, offer);
    return true;
  } catch {
    return false;
  }
}

describe('a world', () => {
  it.each<[string, readonly boolean[]]>([
    ['record-with-effect', [true, true, true, true, true]],
    ['zombie', [false, true, false, true, false]],
    ['broker-kill', [false, false, false, false, true]],
    ['rolling-restart', [false, false, false, false, true]],
  ])('takes %s where it can do its faults', (name, taken) => {
    const offers = [EMBEDDED, { ...EMBEDDED, processes: true }, PULSAR, { ...PULSAR, processes: true }, OWN];
    expect(offers.map((offer) => isTaken(planNamed(name, '1'), offer))).toEqual(taken);
  });

  it('pauses whoever the broker takes for dead by itself, and nobody whom only a proxy without a certificate could cut off', () => {
    const offers = ['pulsar://127.0.0.1:6650', 'pulsar+ssl://127.0.0.1:6651', 'wss://127.0.0.1:8443'].map(
      (brokerUrl) => ({
        ...PULSAR,
        ...{ brokerUrl, processes: true },
      }),
    );
    expect(offers.map((offer) => isTaken(planNamed('zombie', '1'), offer))).toEqual([true, true, false]);
  });

  it.each([
    ['zombie', '--processes'],
    ['broker-kill', '--own-broker'],
  ])('that cannot do %s says which options make one that can, and leaves no folder', async (name, option) => {
    const folderPath = join(temporaryFolder(), 'run');
    const running = runVirtually(planNamed(name, '1'), { folderPath });
    await expect(running).rejects.toMatchObject({ code: 'WORLD_UNFIT', exitCode: 64 });
    await expect(running).rejects.toThrow(option);
    expect(existsSync(folderPath)).toBe(false);
  });
});

describe('what a plan needs', () => {
  it('is nothing for every scenario that runs anywhere, and something for the others', () => {
    const elsewhere = SCENARIOS.filter((scenario) => !SCENARIOS_ANYWHERE.includes(scenario));
    expect(SCENARIOS_ANYWHERE.flatMap(({ plan }) => needsOf(plan.faults))).toEqual([]);
    expect(elsewhere.map(({ name }) => name).sort()).toEqual(
      ['broker-kill', 'rolling-restart', 'zombie'].flatMap((name) => [name, `${name}-naive`]),
    );
  });

  it('is one broker of its own, not also a real one', () => {
    expect(needsOf(planNamed('rolling-restart', '1').faults)).toEqual(['own-broker']);
  });
});

describe('the moments of a scenario', () => {
  const rolling = SCENARIOS.filter(({ name }) => name === 'rolling-restart');
  const momentsOf = ({ faults }: Plan) => faults.map((fault) => ('when' in fault ? fault.when.appliedCountMin : null));

  it('come as late as the seed says, each drawn on its own, in the order of the plan', () => {
    for (const scenario of rolling) {
      const asked: [number, number][] = [];
      const plan = scenarioPlan(scenario, '1', (index, bound) => {
        asked.push([index, bound]);
        return 10 * index;
      });
      expect(momentsOf(plan)).toEqual([200, 510, 820, 1_130, 1_440]);
      expect(asked).toEqual([0, 1, 2, 3, 4].map((index) => [index, 200]));
    }
    expect(rolling).toHaveLength(1);
  });
});
