/**
 * Faults that only real parts have: a consumer that stands still past its time-out and wakes up, a broker that is
 * restarted and killed under load, each with the broken twin that must not survive it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressesOf } from '../../lab/pulsar-files';
import { type StandaloneOptions, startStandalone, statusOf, stopStandalone } from '../../lab/pulsar-standalone';
import type { RunReport } from '../../lab/run';
import type { HistoryRecord } from '../../shared/model/history';
import { orderlab } from '../support/orderlab';
import { describeOwnPulsar } from '../support/pulsar-broker';
import { describeRedis } from '../support/redis-server';
import { recordsOf } from '../support/virtual-run';

const START_DEADLINE_MS = 300_000;
const RUN_DEADLINE_MS = 600_000;

describeOwnPulsar('faults of consumers and broker', (placeIn) => {
  describeRedis('with a store', (server) => {
    const data = mkdtempSync(join(tmpdir(), 'orderlab-faults-'));
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-faults-runs-'));
    let options: StandaloneOptions;

    beforeAll(async () => {
      options = await placeIn(data);
      await startStandalone(options);
    }, START_DEADLINE_MS);
    afterAll(async () => {
      await stopStandalone(data);
      for (const each of [data, folder]) rmSync(each, { recursive: true, force: true });
    });

    const onOwnBroker = () => ['--own-broker', data];
    const onThisBroker = () => ['--broker', addressesOf(options).ORDERLAB_PULSAR_WS];
    const typed = (words: readonly string[]) =>
      orderlab([...words, '--processes', '--store', server().url], { folder });

    /** The report of a run that ended as its scenario states, or as it must. */
    async function reportOf(...words: readonly string[]): Promise<RunReport> {
      const { exitCode, stdout, stderr } = await typed(['run', ...words, '--json']);
      expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      return JSON.parse(stdout);
    }

    it(
      'zombie: it goes on in the middle of a handler whose event another has applied, and all its effects are absorbed',
      async () => {
        const { runFolder, counts } = await reportOf('--scenario', 'zombie', '--expect', ...onThisBroker());
        const records = recordsOf(runFolder);
        const [paused] = records.flatMap((record) =>
          record.stream === 'Fault' && record.type === 'struck' ? [record] : [],
        );
        expect([...answersOf(records, paused?.consumer ?? null, 'u-1', 60)]).toEqual(['duplicate']);
        expect(counts.duplicatesAbsorbed).toBeGreaterThan(0);
        expect(counts.crashes).toBe(0);
      },
      RUN_DEADLINE_MS,
    );

    it(
      'zombie-naive ends as expected',
      async () => {
        await reportOf('--scenario', 'zombie-naive', '--expect', ...onThisBroker());
      },
      RUN_DEADLINE_MS,
    );

    it(
      'an Exclusive consumer that is killed is replaced, and the new one gets the place',
      async () => {
        const workload = ['--users', '50', '--events', '1000', '--topology', 'exclusive', '--kill-one'];
        const { counts } = await reportOf(...workload, ...onThisBroker());
        expect(counts).toMatchObject({ applied: 1_000, crashes: 1 });
      },
      RUN_DEADLINE_MS,
    );

    it(
      'broker-kill: what it had acknowledged to consumers and lost comes again, and is absorbed',
      async () => {
        const { anomalies } = await reportOf('--scenario', 'broker-kill', '--expect', ...onOwnBroker());
        const repeats = anomalies.find(({ id }) => id === 'D2');
        expect(repeats?.how['acknowledgement-lost-at-broker-kill']).toBeGreaterThan(0);
        expect(await statusOf(data)).toMatchObject({ state: 'healthy' });
      },
      RUN_DEADLINE_MS,
    );

    it.each(['broker-kill-naive', 'rolling-restart-naive'])(
      '%s ends as expected',
      async (name) => {
        await reportOf('--scenario', name, '--expect', ...onOwnBroker());
      },
      RUN_DEADLINE_MS,
    );

    it(
      'rolling-restart: no run is out of order, and it is said how much that is worth',
      async () => {
        const { exitCode, stdout, stderr } = await typed([
          'repeat',
          'rolling-restart',
          '--runs',
          '1',
          ...onOwnBroker(),
        ]);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
        expect(stdout).toMatch(/^0 of 1 runs out of order, below 95\.0 % of runs at 95 %\n/);
      },
      RUN_DEADLINE_MS,
    );
  });
});

/** All that the store ever said to the zombie about the event with which it stood still. */
function answersOf(
  records: readonly HistoryRecord[],
  consumer: string | null,
  user: string,
  sequence: number,
): ReadonlySet<string> {
  const answers = records.flatMap((record) => {
    if (record.stream !== 'Del' || record.type !== 'answered' || record.consumer !== consumer) return [];
    return record.user === user && record.sequence === sequence ? [record.outcome] : [];
  });
  return new Set(answers);
}
