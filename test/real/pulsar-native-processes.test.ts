/** Consumers that really die over the native client: its connections are the process's own, so only a process can lose them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { describeNative } from '../support/pulsar-native';
import { describeRedis } from '../support/redis-server';

/**
 * A crash between every two steps that a strategy can be killed between, and what needs no crash. The broker hears of an
 * acknowledgement late from this client: a crash that a scenario tells of waits for those before it.
 */
const SCENARIOS = [
  'ack-after-work',
  'ack-after-work-naive',
  'record-with-effect',
  'crash-before-ack-naive',
  'record-beside-effect-naive',
  'effect-beside-record-naive',
  'competing-consumers-naive',
  'handler-error-naive',
  'projector',
  'scale-read-side-failover',
  'redis-restart',
  'redis-reply-lost-naive',
  'one-service',
  'killed-writers',
];

/** Who stands still is missed by the broker alone, within two keep-alive intervals: each takes a minute. */
const ZOMBIES = ['zombie', 'zombie-naive'];

const RUN_DEADLINE_MS = 300_000;

describeNative('consumer processes', (addresses) => {
  describeRedis('behind them', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-native-processes-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const onRealParts = (words: readonly string[]) => {
      const { url, adminUrl } = addresses();
      return orderlab([...words, '--broker', url, '--admin', adminUrl, '--store', server().url], { folder });
    };

    it.each([...SCENARIOS, ...ZOMBIES])(
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
