/** How reaching a broker fails: within a deadline, with a sentence that says what was tried, and without a secret in it. */
import { createServer } from 'node:net';
import { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { connect } from '../../shared/adapters/pulsar-websocket-connection';
import { PulsarPeer } from '../support/pulsar-peer';

const DEADLINES = { connectMs: 300, closeMs: 300, heartbeatMs: 20_000 };
const connectTo = (url: string) =>
  connect(
    { url, what: 'reader of t', token: 'hush', deadlines: DEADLINES, onText: () => {}, onLost: () => {} },
    new AbortController().signal,
  );

/** Accepts connections and never says a word. */
async function withSilence<T>(work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

async function sentenceOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no failure',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
}

describe('a broker that cannot be reached', () => {
  it('is named with what was tried and what to do, and without the query', async () => {
    const sentence = await sentenceOf(connectTo('ws://127.0.0.1:1/ws/v2/reader/x?token=hush'));
    expect(sentence).toMatch(/^reader of t: the broker at ws:\/\/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/);
    expect(sentence).toContain('orderlab pulsar start');
    expect(sentence).not.toContain('hush');
  });

  it('is given up at the deadline when it accepts and is silent', async () => {
    await withSilence(async (port) => {
      const sentence = await sentenceOf(connectTo(`ws://127.0.0.1:${port}/x`));
      expect(sentence).toBe('reader of t: connecting did not finish within 300 ms');
      const admin = new PulsarAdmin({ url: `http://127.0.0.1:${port}`, deadlineMs: 200 });
      await expect(admin.version()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', outcome: 'unknown' });
    });
  });

  it('is told when the whole adapter is opened', async () => {
    const opening = openPulsarWebSocket({ url: 'ws://127.0.0.1:1', namespace: 'orderlab/x' });
    await expect(opening).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await expect(opening).rejects.toThrow(/create tenant orderlab: the broker at http:\/\/127\.0\.0\.1:1 cannot/);
  });

  it('gives a reason when it refuses, in its own words, and advice about the token', async () => {
    const peer = await PulsarPeer.open({
      refusal: { status: 401, page: '<html><body>Authentication required</body></html>' },
    });
    const sentence = await sentenceOf(connectTo(`${peer.url}/x`));
    expect(sentence).toBe(
      `reader of t was refused by the broker at ${peer.url}: HTTP 401, Authentication required: check the token`,
    );
    await peer.die();
  });

  it('is not believed when it does not speak as Pulsar does', async () => {
    const peer = await PulsarPeer.open();
    const admin = new PulsarAdmin({ url: peer.url.replace('ws', 'http') });
    expect(await admin.isHealthy()).toBe(false);
    await expect(admin.version()).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
    await peer.die();
  });

  it('is not waited for by a connection that is no longer wanted', async () => {
    await withSilence(async (port) => {
      const abort = new AbortController();
      const options = { what: 'x', token: null, deadlines: { ...DEADLINES, connectMs: 60_000 } };
      const url = `ws://127.0.0.1:${port}/x`;
      const connecting = connect({ ...options, url, onText: () => {}, onLost: () => {} }, abort.signal);
      abort.abort();
      await expect(connecting).rejects.toMatchObject({ code: 'PORT_CLOSED' });
    });
  });
});
