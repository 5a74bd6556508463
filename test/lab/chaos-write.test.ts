/** `orderlab chaos write` on the embedded parts: a run of it is valid, and one without the guard is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../lab/run';
import { writeChaosPlan } from '../../lab/write-chaos-plan';
import { seededRandom } from '../../shared/adapters/seeded-random';
import { systemClock } from '../../shared/adapters/system-clock';
import { NEEDS } from '../../shared/model/need';
import { orderlab } from '../support/orderlab';

const SEED = '7';

describe('chaos of a service that is scaled on both sides', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-chaos-write-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves everything in order, counts what it did, and says how to do it again', async () => {
    const { exitCode, stdout } = await orderlab(['chaos', 'write', '--runs', '1', '--seed', SEED, '--json'], {
      folder,
    });
    const { holds, seed, runs } = JSON.parse(stdout);
    expect({ exitCode, holds, seed }).toEqual({ exitCode: 0, holds: true, seed: SEED });
    expect(runs).toMatchObject([{ status: 'valid', why: [], faultCount: 14 }]);
    expect(runs[0].replay).toBe('orderlab chaos write --runs 1 --broker embedded: --store embedded: --seed 7');
  });

  it('finds out owners that append after their time where no epoch is compared', async () => {
    const { verdict } = await run({
      plan: writeChaosPlan({ seed: SEED, offers: [], checksEpoch: false }, seededRandom(SEED)),
      ...{ brokerUrl: 'embedded:', storeUrl: 'embedded:', clock: systemClock, skipBadLines: false },
      ...{ stop: { stopping: false }, folderPath: join(folder, 'control'), replay: '' },
    });
    expect(verdict.status).toBe('invalid');
    expect(verdict.anomalies.map(({ id }) => id)).toContain('W11');
  });

  it('does to a world what that one can do, and draws everything from the seed', () => {
    const kindsOf = (seed: string, offers: typeof NEEDS | readonly []) => {
      const { faults } = writeChaosPlan({ seed, offers }, seededRandom(seed));
      return faults.map(({ kind }) => kind);
    };
    expect(kindsOf('1', NEEDS)).toEqual(kindsOf('1', NEEDS));
    expect(kindsOf('1', NEEDS)).not.toEqual(kindsOf('2', NEEDS));
    const everywhere = ['crash', 'crash', 'crash', 'join', 'leave', 'store-reply-lost', 'store-restart'];
    expect([...kindsOf('1', [])].sort()).toEqual(everywhere);
    expect([...kindsOf('1', NEEDS)].sort()).toEqual([...everywhere, 'pause', 'unload'].sort());
  });
});
