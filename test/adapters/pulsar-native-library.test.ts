import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openingError, outcomeError } from '../../shared/adapters/pulsar-native-error';
import { absenceOf, type NativeLibrary } from '../../shared/adapters/pulsar-native-library';

it('is used as the package describes itself: its types are written down by hand, and this compiles while they agree', () => {
  const agrees = (library: typeof import('pulsar-client')): NativeLibrary => library;
  expect(agrees).toBeInstanceOf(Function);
});

describe('a native client that cannot be loaded', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orderlab-native-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What Node itself throws, in a folder with such a package. */
  function thrownBy(sources: Readonly<Record<string, string>>): unknown {
    for (const [path, text] of Object.entries(sources)) {
      mkdirSync(join(folder, 'node_modules/pulsar-client', path, '..'), { recursive: true });
      writeFileSync(join(folder, 'node_modules/pulsar-client', path), text);
    }
    const script = `try { require('pulsar-client') } catch ({ message, code, requireStack }) {
      console.log(JSON.stringify({ message, code, requireStack })) }`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    const { message, ...more } = JSON.parse(stdout);
    return Object.assign(new Error(message), more);
  }

  const index = "require('./src/pulsar-binding.js')";

  it('is named: the package, the addon or the library, each with a command and the way without it', () => {
    const binding = "require(require('node:path').join(__dirname, '../lib/binding/pulsar.node'))";
    const sentences = [
      absenceOf(thrownBy({})),
      absenceOf(thrownBy({ 'index.js': index, 'src/pulsar-binding.js': binding })),
      absenceOf(
        thrownBy({ 'index.js': index, 'src/pulsar-binding.js': binding, 'lib/binding/pulsar.node': 'no library' }),
      ),
    ].map(({ code, message }) => `${code}: ${message}`);
    expect(sentences[0]).toMatch(/^TOOL_MISSING: the package pulsar-client is needed .*`npm install pulsar-client@/);
    expect(sentences[1]).toMatch(/^TOOL_MISSING: the compiled addon of pulsar-client .*`npm run pulsar:native`/);
    expect(sentences[2]).toMatch(/^TOOL_MISSING: libpulsar, .*`npm run pulsar:native`.*pulsar\.node/);
    for (const sentence of sentences) expect(sentence).toContain('--broker ws://HOST:8080');
    expect(new Set(sentences).size).toBe(3);
  });
});

describe('an error of the native client', () => {
  const request = {
    ...{ what: 'it', url: 'pulsar://host:6650', sinceMs: Number.MAX_VALUE, deadlineMs: 3_000, topic: 't' },
    subscription: 's',
  };
  const opening = (text: string) => openingError(new Error(`Failed to create consumer: ${text}`), request);
  const outcome = (text: string) => outcomeError(new Error(`Failed to send message: ${text}`), request);

  it.each([
    ['ConsumerBusy', 'CONSUMER_BUSY'],
    ['ProducerBusy', 'PRODUCER_BUSY'],
    ['ResultProducerFenced', 'PRODUCER_BUSY'],
    ['TopicNotFound', 'TOPIC_NOT_FOUND'],
    ['SubscriptionNotFound', 'SUBSCRIPTION_NOT_FOUND'],
    ['AuthenticationError', 'BROKER_REFUSED'],
    ['TimeOut', 'BROKER_UNREACHABLE'],
    ['ConnectError', 'BROKER_UNREACHABLE'],
    ['AResultOfTomorrow', 'BROKER_UNREACHABLE'],
  ])('of an opening is definite: %s is %s', (text, code) => {
    expect(opening(text)).toMatchObject({ code, outcome: 'definite' });
    expect(opening(text).message).not.toMatch(/[{}]/);
  });

  it.each([
    ['TimeOut', 'DEADLINE_EXCEEDED', 'unknown'],
    ['AlreadyClosed', 'CONNECTION_LOST', 'unknown'],
    ['ResultProducerFenced', 'PRODUCER_FENCED', 'unknown'],
    ['ConnectError', 'CONNECTION_LOST', 'unknown'],
    ['AResultOfTomorrow', 'CONNECTION_LOST', 'unknown'],
    ['MessageTooBig', 'BROKER_REFUSED', 'definite'],
    ['TopicTerminated', 'BROKER_REFUSED', 'definite'],
    ['ProducerQueueIsFull', 'BROKER_REFUSED', 'definite'],
  ])('of a send is unknown unless it was refused: %s is %s', (text, code, expected) => {
    expect(outcome(text)).toMatchObject({ code, outcome: expected });
    expect(outcome(text).message).not.toMatch(/[{}]/);
  });
});
