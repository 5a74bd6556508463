/** Whatever anybody sends: the broker answers or closes that one connection, and goes on serving the others. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { readCommand, readSend } from '../../lab/broker-server/frame';
import { readHandshake } from '../../lab/broker-server/handshake';
import { RefusedError } from '../../lab/broker-server/refusal';
import { RawSocket } from '../support/raw-socket';
import { type ServedProcess, startServedProcess } from '../support/served-process';
import { until } from '../support/until';

const REQUEST_COUNT = 60;
/** Its process may have to build. */
const START_DEADLINE_MS = 120_000;

/** Near enough to a frame to get past the first look. */
const frameLike = fc.oneof(
  fc.json(),
  fc.string(),
  fc
    .record(
      {
        type: fc.oneof(fc.constantFrom('permit', 'negativeAcknowledge', 'isEndOfTopic', 'ack'), fc.jsonValue()),
        messageId: fc.oneof(fc.base64String(), fc.constantFrom('CAoQABgAMAA=', 'CAEQADAA', 'AAAA'), fc.jsonValue()),
        permitMessages: fc.oneof(fc.integer({ max: 5 }), fc.double(), fc.jsonValue()),
        payload: fc.oneof(fc.base64String(), fc.jsonValue()),
        key: fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
        properties: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
        eventTime: fc.oneof(fc.constant('2026-01-02T03:04:05Z'), fc.jsonValue()),
        context: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((frame) => JSON.stringify(frame)),
);

const pathLike = fc
  .array(
    fc.oneof(
      fc.constantFrom('ws', 'v2', 'producer', 'consumer', 'reader', 'persistent', 'public', 'default', 't', 's'),
      fc.webPath(),
      fc.string(),
    ),
    { maxLength: 10 },
  )
  .map((parts) => `/${parts.join('/')}`);

describe('the codec', () => {
  it('reads every text as a send or a refusal, and as a command', () => {
    fc.assert(
      fc.property(frameLike, (text) => {
        expect(['send', 'refused']).toContain(readSend(text).kind);
        expect(readCommand(text).kind).toEqual(expect.any(String));
      }),
    );
  });

  it('reads every address as a handshake or a refusal with a status', () => {
    fc.assert(
      fc.property(pathLike, fc.webQueryParameters(), (path, query) => {
        try {
          expect(readHandshake(`${path}?${query}`).namespace).toContain('/');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RefusedError);
          expect((thrown as RefusedError).status).toBeGreaterThanOrEqual(400);
        }
      }),
    );
  });
});

describe('a served broker', () => {
  let server: ServedProcess;
  let aliveCount = 0;
  beforeAll(async () => {
    server = await startServedProcess([]);
  }, START_DEADLINE_MS);
  /** Whatever it was sent, it is there to the end. */
  afterAll(async () => expect(await server.stop()).toMatchObject({ exitCode: 0 }));

  const open = (rest: string) => RawSocket.open(`${server.url}/ws/v2/${rest}`);

  /** A client that nobody disturbs: what it publishes is delivered. */
  async function stillServes(topic: string): Promise<void> {
    aliveCount += 1;
    const payload = Buffer.from(`alive ${aliveCount}`).toString('base64');
    const consumer = await open(`consumer/persistent/public/default/${topic}/s`);
    const producer = await open(`producer/persistent/public/default/${topic}`);
    producer.send({ payload });
    await until('its message', () => consumer.frames.some((frame) => frame.payload === payload));
    await consumer.end();
    await producer.end();
  }

  it('goes on serving whatever frames it is sent', async () => {
    let topicCount = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('producer', 'consumer', 'reader'),
        fc.array(frameLike, { maxLength: 12 }),
        fc.boolean(),
        async (kind, texts, isPull) => {
          topicCount += 1;
          const topic = `hostile-${topicCount}`;
          await stillServes(topic);
          const rest = kind === 'consumer' ? `/other?subscriptionType=Shared&pullMode=${isPull}` : '';
          const hostile = await open(`${kind}/persistent/public/default/${topic}${rest}`);
          for (const text of texts) if (hostile.closed === null) hostile.sendText(text);
          await stillServes(topic);
          await hostile.end();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('answers whatever is asked of its admin API with a status below 500, or 501 and a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
        fc.array(
          fc.oneof(
            fc.constantFrom(
              'namespaces',
              'persistent',
              'public',
              'default',
              'tenants',
              'partitions',
              'stats',
              'subscription',
              'unload',
              '..',
            ),
            fc.string().map(encodeURIComponent),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        fc.oneof(fc.json(), fc.string()),
        async (method, parts, body) => {
          const answer = await fetch(`${server.adminUrl}/admin/v2/${parts.join('/')}`, {
            method,
            headers: { 'content-type': 'application/json' },
            ...(method === 'GET' ? {} : { body }),
          });
          const text = await answer.text();
          if (answer.status >= 400) expect(JSON.parse(text)).toEqual({ reason: expect.any(String) });
          expect(answer.status < 500 || answer.status === 501).toBe(true);
        },
      ),
      { numRuns: REQUEST_COUNT },
    );
    await stillServes('after-requests');
  });

  it('names the call that it does not serve', async () => {
    const answer = await fetch(`${server.adminUrl}/admin/v2/persistent/public/default/t/terminate`, { method: 'POST' });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toEqual({
      reason: expect.stringContaining('POST /admin/v2/persistent/public/default/t/terminate is not served'),
    });
  });

  it('takes a body that was announced and is empty for none', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.adminUrl}/admin/v2/persistent/public/default/empty`, {
      method: 'PUT',
      headers,
    });
    expect(answer.status).toBe(204);
  });

  it.each([
    ['a body that is too large', { 'content-type': 'application/json' }, 413],
    ['a body that is no JSON by name', { 'content-type': 'text/plain' }, 415],
  ])('refuses %s', async (_, headers, status) => {
    const body = JSON.stringify('x'.repeat(20_000));
    const answer = await fetch(`${server.adminUrl}/admin/v2/tenants/t`, { method: 'PUT', headers, body });
    expect(answer.status).toBe(status);
  });

  it.each(['batchingEnabled=true', 'initialSequenceId=7'])('refuses by name what it does not do: %s', async (query) => {
    const shaken = await RawSocket.shake(`${server.url}/ws/v2/producer/persistent/public/default/t?${query}`);
    expect(shaken).toMatchObject({ status: 501, page: expect.stringContaining('is not served by this broker') });
  });

  it('survives handshakes that are none and connections that end in the middle of one', async () => {
    const path = '/ws/v2/consumer/persistent/public/default/cut/s';
    for (const head of [
      `GET ${path} HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      `GET ${path} HTTP/1.1\r\nHost: b\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n`,
      `GET ${path}`,
      '\0\0\0\0',
    ]) {
      const { hostname, port } = new URL(server.adminUrl);
      const socket = connect(Number(port), hostname, () => socket.write(head, () => socket.destroy()));
      socket.on('error', () => {});
      await until('it ended', () => socket.destroyed);
    }
    await stillServes('cut');
  });
});
