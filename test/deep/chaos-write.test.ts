/** A minute of `orderlab chaos write`, from a seed of the round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshSeed } from '../../lab/run';
import { orderlab } from '../support/orderlab';

const SEED = process.env.ORDERLAB_SEED ?? freshSeed();

describe('chaos of a service that is scaled on both sides', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-chaos-write-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`leaves everything in order for a minute (orderlab chaos write --minutes 1 --seed ${SEED})`, async () => {
    const { exitCode, stdout, stderr } = await orderlab(['chaos', 'write', '--minutes', '1', '--seed', SEED], {
      folder,
    });
    expect({ exitCode, told: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, told: '' });
  }, 300_000);
});
