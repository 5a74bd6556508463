/** `orderlab chaos` on the embedded parts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';

describe('chaos', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-chaos-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const chaos = async (...words: readonly string[]) => {
    const { exitCode, stdout } = await orderlab(['chaos', '--kills', '3', '--seed', '7', '--json', ...words], {
      folder,
    });
    return { exitCode, ...JSON.parse(stdout) };
  };

  it('counts kills until as many as were asked for have been followed by a redelivery', async () => {
    const { exitCode, asClaimed, strategies } = await chaos();
    expect({ exitCode, asClaimed }).toEqual({ exitCode: 0, asClaimed: true });
    for (const tally of strategies) expect(tally).toMatchObject({ counted: 3, unknown: 0, unknownBecause: [] });
  });

  it('says why a run could not be judged, and where it lies', async () => {
    const { exitCode, asClaimed, strategies } = await chaos('--consumers', '1');
    expect({ exitCode, asClaimed }).toEqual({ exitCode: 1, asClaimed: false });
    const [{ unknown, unknownBecause }] = strategies;
    expect(unknown).toBeGreaterThan(0);
    expect(unknownBecause[0]).toMatch(/consumers that each applied at least 5 %.*chaos-version-next-repair/);
  });
});
