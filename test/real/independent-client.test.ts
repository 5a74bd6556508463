/**
 * A client that we did not write, in another language, on both brokers: the Python library `websocket-client`. What it
 * prints on the broker that the lab serves is what it prints on a real one.
 */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveBroker } from '../../lab/broker-server/broker-server';
import { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import { describePulsar } from '../support/pulsar-broker';

const SCRIPT = join(__dirname, '..', 'support', 'independent_client.py');
const STORY_DEADLINE_MS = 120_000;
const HOW_TO_GET_IT = 'python3 -m pip install websocket-client';
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('websocket-client');
const isThere = spawnSync('python3', ['-c', 'import websocket; websocket.create_connection']).status === 0;

/** The same on both: Failover and ids apart, nothing of a story depends on it. */
const NAMESPACE = `public/story-${process.pid}`;

async function play(url: string, adminUrl: string): Promise<readonly string[]> {
  const admin = new PulsarAdmin({ url: adminUrl });
  await admin.createNamespace(NAMESPACE);
  try {
    const words = [SCRIPT, url, adminUrl, NAMESPACE];
    const { stdout } = await promisify(execFile)('python3', words, { timeout: STORY_DEADLINE_MS });
    return stdout.trimEnd().split('\n');
  } finally {
    await admin.deleteNamespace(NAMESPACE);
  }
}

const title = 'sees the same on the broker that the lab serves and on a real one';

describePulsar('a Python client', (broker) => {
  if (!isThere) {
    const missing = `${title} (there is no websocket-client: ${HOW_TO_GET_IT})`;
    if (!IS_REQUIRED) it.skip(missing, () => {});
    else {
      it(missing, () => {
        throw new Error(`ORDERLAB_REQUIRE names websocket-client: ${HOW_TO_GET_IT}`);
      });
    }
    return;
  }

  it(
    title,
    async () => {
      const server = await serveBroker();
      const served = await play(server.url, server.adminUrl);
      await server.close();
      const real = await play(broker().url, broker().adminUrl);
      expect(served).toEqual(real);
      expect(real).toContain("end of topic {'endOfTopic': False}");
      expect(real).toContain('a frame without an id closes with 1011');
      expect(real.length).toBeGreaterThan(15);
    },
    2 * STORY_DEADLINE_MS,
  );
});
