/** Consumers that really die over the native client: its connections are the process's own, so only a process can lose them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { describeNative } from '../support/pulsar-native';
import { describeRedis } from '../support/redis-server';

/** A kill on either side of the effect, of the record, and of the acknowledgement, which the broker knows late from this client. */
const SCENARIOS = [
  'ack-after-work-naive',
  'record-with-effect',
  'crash-before-ack-naive',
  'effect-beside-record-naive',
];

const RUN_DEADLINE_MS = 300_000;

describeNative('consumer processes', (addresses) => {
  describeRedis('behind them', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-native-processes-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const onRealParts = (words: readonly string[]) => {
      const { url, adminUrl } = addresses();
      return orderlab([...words, '--broker', url, '--admin', adminUrl, '--store', server().url], { folder });
    };

    it.each(SCENARIOS)(
      '%s ends as expected',
      async (name) => {
        const { exitCode, stdout, stderr } = await onRealParts(['run', '--processes', '--scenario', name, '--expect']);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      },
      RUN_DEADLINE_MS,
    );

    it(
      'chaos: no kill loses, doubles or swaps anything in the designs that must survive, and the control is harmed',
      async () => {
        const { exitCode, stdout, stderr } = await onRealParts(['chaos', '--kills', '5', '--json']);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
        const { strategies } = JSON.parse(stdout);
        for (const tally of strategies) expect(tally.counted).toBeGreaterThanOrEqual(5);
      },
      RUN_DEADLINE_MS,
    );
  });
});
