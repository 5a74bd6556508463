/** A broker that is killed and restarted under clients of the native kind, which find their way back by themselves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandalone, statusOf, stopStandalone } from '../../lab/pulsar-standalone';
import { orderlab } from '../support/orderlab';
import { describeOwnPulsar } from '../support/pulsar-broker';
import { describeNative } from '../support/pulsar-native';
import { describeRedis } from '../support/redis-server';

const START_DEADLINE_MS = 300_000;
const RUN_DEADLINE_MS = 600_000;

describeNative('faults of the broker', () => {
  describeOwnPulsar('its own', (placeIn) => {
    describeRedis('with a store', (server) => {
      const data = mkdtempSync(join(tmpdir(), 'orderlab-native-faults-'));
      const folder = mkdtempSync(join(tmpdir(), 'orderlab-native-faults-runs-'));

      beforeAll(async () => {
        await startStandalone(await placeIn(data));
      }, START_DEADLINE_MS);
      afterAll(async () => {
        await stopStandalone(data);
        for (const each of [data, folder]) rmSync(each, { recursive: true, force: true });
      });

      it.each(['broker-kill', 'broker-kill-naive', 'rolling-restart', 'rolling-restart-naive'])(
        '%s ends as expected, and leaves a broker that serves',
        async (name) => {
          const place = ['--own-broker', data, '--broker', 'pulsar:', '--store', server().url, '--processes'];
          const { exitCode, stdout, stderr } = await orderlab(['run', '--scenario', name, '--expect', ...place], {
            folder,
          });
          expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
          expect(stdout).toContain('--broker pulsar:');
          expect(await statusOf(data)).toMatchObject({ state: 'healthy' });
        },
        RUN_DEADLINE_MS,
      );
    });
  });
});
