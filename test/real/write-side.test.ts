/** The write side on real parts: three instances of the user service, each a process behind HTTP, and consumers likewise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orderlab } from '../support/orderlab';
import { describePulsar } from '../support/pulsar-broker';
import { describeRedis } from '../support/redis-server';

const SCENARIOS = [
  ...['racing-creators', 'racing-creators-naive', 'dedup-is-not-conditional', 'one-service', 'one-service-naive'],
  ...['repeated-request', 'repeated-request-naive', 'pruned-request', 'pruned-request-naive'],
  ...['expected-version', 'expected-version-naive', 'semantic-duplicate', 'semantic-duplicate-naive'],
  ...['semantic-duplicate-consumer', 'semantic-duplicate-consumer-naive'],
  ...['outbox', 'dual-write-naive', 'publish-first-naive'],
  ...['read-your-writes', 'read-your-writes-naive', 'scale-both-sides', 'single-writer-many-readers'],
  ...[
    'single-authority',
    'single-authority-naive',
    'forwarded-commands',
    'store-incarnation',
    'store-incarnation-naive',
  ],
  ...['command-topic', 'command-topic-naive', 'relay', 'relay-naive'],
  /** Twelve kills with somebody waiting for the answer, and ten with a delivery in hand. */
  'killed-everywhere',
];

const RUN_DEADLINE_MS = 300_000;

describePulsar('the write side in processes', (broker) => {
  describeRedis('behind it', (server) => {
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-writers-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(SCENARIOS)(
      '%s ends as expected',
      async (name) => {
        const place = ['--broker', broker().url, '--store', server().url];
        const words = ['run', '--processes', '--scenario', name, '--expect', ...place];
        const { exitCode, stdout, stderr } = await orderlab(words, { folder });
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      },
      RUN_DEADLINE_MS,
    );
  });
});
