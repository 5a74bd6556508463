/** Loads on a real Pulsar and Redis: one process, and several that meet. Rates are low: what is judged is what they say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { describePulsar } from '../support/pulsar-broker';
import { describeRedis } from '../support/redis-server';
import { startServedProcess } from '../support/served-process';

jest.setTimeout(300_000);

const SMALL = ['--rate', '50', '--duration', '4', '--users', '20', '--json'] as const;

describePulsar('a load', (broker) => {
  describeRedis('behind it', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-load-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const placeOf = () => ['--broker', broker().url, '--store', server().url];
    const load = (...words: readonly string[]) => orderlab(['load', ...words, ...placeOf()], { folder });

    it('keeps order and loses nothing with the reference design', async () => {
      const { stdout } = await load(...SMALL);
      expect(JSON.parse(stdout)).toMatchObject({
        counts: { sent: 200, stored: 200, applied: 200, swapped: 0, repeated: 0, lost: 0 },
        latency: { count: 200 },
      });
    });

    it('at a share of what the bare client carries here keeps order and loses nothing', async () => {
      const { stdout, stderr } = await load('--rate', '5%', '--duration', '4', '--users', '20', '--json');
      const [, rate] = /the bare client carries \d+ events\/s here; 5 % of that is (\d+)/.exec(stderr) ?? [];
      const { rates, counts } = JSON.parse(stdout);
      expect(rates.asked).toBe(Number(rate));
      expect(counts).toMatchObject({ sent: 4 * rates.asked, swapped: 0, repeated: 0, lost: 0 });
      expect(counts.applied).toBe(counts.stored);
    });

    it('is found invalid on Shared without a guard, with the swaps counted', async () => {
      const { exitCode, stdout } = await load(
        ...['--rate', '200', '--duration', '4', '--users', '4', '--arrival', 'burst:40', '--json'],
        ...['--topology', 'shared', '--strategy', 'no-guard', '--slow-handlers', '3:20'],
      );
      const { verdict, counts } = JSON.parse(stdout);
      expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'invalid' });
      expect(counts.swapped).toBeGreaterThan(0);
    });

    it('comes from two processes that were started apart, in one report whose counts are the sum', async () => {
      await expectCrowd(placeOf(), folder);
    });
  });
});

describeRedis('a load on the broker that the lab serves', (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-served-load-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('comes from two processes that were started apart, too', async () => {
    const served = await startServedProcess([]);
    try {
      await expectCrowd(['--broker', served.url, '--store', server().url], folder);
    } finally {
      await served.stop();
    }
  });
});

/** One leads, two work; who comes first does not matter. */
async function expectCrowd(place: readonly string[], folder: string): Promise<void> {
  const meet = `meet-${process.pid}`;
  const load = (...words: readonly string[]) => orderlab(['load', ...words, '--meet', meet, ...place], { folder });
  const [led, ...workers] = await Promise.all([
    load(...SMALL, '--workers', '2'),
    ...['worker', 'worker'].map((word) => load(word)),
  ]);
  const { counts, floors } = JSON.parse(led.stdout);
  const sentBy = workers.map(({ stdout }) => Number(/sent (\d+), stored/.exec(stdout)?.[1]));
  expect(sentBy).toEqual([100, 100]);
  expect(counts).toMatchObject({ sent: 200, stored: 200, applied: 200, swapped: 0, lost: 0, users: 40 });
  expect(new Set(floors.map(({ name }: { readonly name: string }) => name.split(': ')[0])).size).toBe(2);
}
