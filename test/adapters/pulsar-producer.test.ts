/** The producer over a peer that plays the broker: what a failure does to the sends around it. */
import { WebSocketProducer } from '../../shared/adapters/pulsar-websocket-producer';
import { outcomeOf } from '../support/outcome';
import { type PeerOptions, PulsarPeer } from '../support/pulsar-peer';
import { until } from '../support/until';

const message = (text: string) => ({ key: 'k', payload: Buffer.from(text), properties: { text } });
const receipt = (context: unknown, entry: number) => ({
  ...{ result: 'ok', errorCode: 0, context },
  messageId: Buffer.from([0x08, 7, 0x10, entry]).toString('base64'),
});

describe('a producer', () => {
  let peer: PulsarPeer;
  let producer: WebSocketProducer;

  const open = async (options: PeerOptions = {}, sendDeadlineMs = 30_000): Promise<void> => {
    peer = await PulsarPeer.open(options);
    const deadlines = { connectMs: 2_000, closeMs: 500, heartbeatMs: 20_000 };
    producer = await WebSocketProducer.open({
      ...{ url: `${peer.url}/ws/v2/producer/x?producerName=secret`, what: 'producer p of t', token: null, deadlines },
      ...{ reconnectDeadlineMs: 10_000, sendDeadlineMs },
    });
  };
  afterEach(async () => {
    await producer.close();
    await peer.die();
  });
  const texts = (index: number) => peer.sockets[index]?.frames.map(({ properties }) => properties?.text);

  it('sends in the order of the calls and settles each send by its context, whatever order the receipts have', async () => {
    await open();
    const sends = ['a', 'b', 'c'].map((text) => producer.send(message(text)));
    const socket = await peer.socket();
    await until('three frames', () => socket.frames.length === 3);
    expect(texts(0)).toEqual(['a', 'b', 'c']);
    const contexts = socket.frames.map(({ context }) => context);
    for (const index of [2, 0, 1]) socket.send(receipt(contexts[index], index));
    expect(await Promise.all(sends)).toEqual(['7:0:-1', '7:1:-1', '7:2:-1']);
  });

  it('fails everything in flight with an unknown outcome when the connection is lost, and goes on over the next', async () => {
    await open();
    const first = [producer.send(message('a')), producer.send(message('b'))];
    const socket = await peer.socket();
    await until('two frames', () => socket.frames.length === 2);
    socket.cut();
    expect(await Promise.all(first.map(outcomeOf))).toEqual(['CONNECTION_LOST: unknown', 'CONNECTION_LOST: unknown']);
    await new Promise(setImmediate);
    const later = producer.send(message('c'));
    const next = await peer.socket(1);
    await until('a frame', () => next.frames.length === 1);
    next.send(receipt(next.frames[0]?.context, 3));
    expect(await later).toBe('7:3:-1');
    expect(texts(1)).toEqual(['c']);
  });

  it('accepts nothing between a failure and the news of it: what came then would overtake what failed', async () => {
    await open();
    const failing = producer.send(message('a'));
    const socket = await peer.socket();
    await until('a frame', () => socket.frames.length === 1);
    const between = failing.catch(() => outcomeOf(producer.send(message('b'))));
    socket.cut();
    expect(await between).toBe('BROKER_UNREACHABLE: definite');
  });

  it.each([
    ['org.apache.pulsar.client.api.PulsarClientException$TimeoutException: timed out', 'CONNECTION_LOST: unknown'],
    ['PulsarClientException$TopicTerminatedException: Topic was terminated', 'BROKER_REFUSED: definite'],
  ])('takes the sends behind a failed one down with it: %s', async (errorMsg, expected) => {
    await open();
    const sends = ['a', 'b'].map((text) => outcomeOf(producer.send(message(text))));
    const socket = await peer.socket();
    await until('two frames', () => socket.frames.length === 2);
    socket.send({ result: 'send-error:8', errorMsg, context: socket.frames[0]?.context });
    expect(await Promise.all(sends)).toEqual([expected, 'CONNECTION_LOST: unknown']);
    await peer.socket(1);
  });

  it('gives a send up at its deadline, and those behind it too', async () => {
    await open({}, 200);
    const sends = ['a', 'b'].map((text) => outcomeOf(producer.send(message(text))));
    expect(await Promise.all(sends)).toEqual(['DEADLINE_EXCEEDED: unknown', 'CONNECTION_LOST: unknown']);
    await peer.socket(1);
  });

  it('never sent what waited while the broker was away: its outcome is definite', async () => {
    await open({}, 300);
    await peer.die();
    await until(
      'the loss is noticed',
      async () => (await outcomeOf(producer.send(message('a')))) !== 'CONNECTION_LOST: unknown',
    );
    expect(await outcomeOf(producer.send(message('b')))).toBe('BROKER_UNREACHABLE: definite');
  });

  it('drops a connection on which something else than Pulsar speaks', async () => {
    await open();
    const send = outcomeOf(producer.send(message('a')));
    (await peer.socket()).sendText('hello');
    expect(await send).toBe('CONNECTION_LOST: unknown');
  });

  it('refuses when it is closed, and closing fails what is in flight', async () => {
    await open();
    const send = outcomeOf(producer.send(message('a')));
    await producer.close();
    await producer.close();
    expect(await send).toBe('CONNECTION_LOST: unknown');
    expect(await outcomeOf(producer.send(message('b')))).toBe('PORT_CLOSED: definite');
  });
});
