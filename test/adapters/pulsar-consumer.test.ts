/** The consumer over a peer that plays the broker: its window, and what a lost connection does to it. */
import { encodeMessageId } from '../../shared/adapters/pulsar-message-id';
import { WebSocketConsumer } from '../../shared/adapters/pulsar-websocket-consumer';
import { outcomeOf } from '../support/outcome';
import { type PeerOptions, type PeerSocket, PulsarPeer } from '../support/pulsar-peer';
import { until } from '../support/until';

const push = (socket: PeerSocket | undefined, entryId: number, partition = -1): void =>
  socket?.send({
    messageId: encodeMessageId({ ledgerId: 7, entryId, partition }),
    ...{ payload: 'aGVsbG8=', properties: {}, publishTime: 'now', redeliveryCount: 0, key: 'k' },
  });
const permitsOf = (socket: PeerSocket | undefined) =>
  socket?.frames.flatMap(({ type, permitMessages }) => (type === 'permit' ? [permitMessages] : []));

describe('a consumer', () => {
  let peer: PulsarPeer;
  let consumer: WebSocketConsumer;
  let reconnectCount: number;

  const open = async (receiverQueueSize: number, partitions: readonly number[] = [-1], options: PeerOptions = {}) => {
    peer = await PulsarPeer.open(options);
    reconnectCount = 0;
    consumer = await WebSocketConsumer.open({
      ...{ token: null, negativeAckDelayMs: 40, reconnectDeadlineMs: 400 },
      deadlines: { connectMs: 2_000, closeMs: 500, heartbeatMs: 100 },
      onReconnect: () => {
        reconnectCount += 1;
      },
      subscribe: { topic: 't', subscription: 's', type: 'key-shared', consumerName: 'c1', receiverQueueSize },
      partitions: partitions.map((partition) => ({ partition, url: `${peer.url}/t-${partition}/s` })),
    });
  };
  afterEach(async () => {
    if (!consumer.isKilled) await consumer.close();
    await peer.die();
  });

  it('asks the broker by its own words: pull mode, half of the queue there, half here', async () => {
    await open(10);
    const { query } = await peer.socket();
    expect(Object.fromEntries(query)).toEqual({
      subscriptionType: 'Key_Shared',
      consumerName: 'c1',
      pullMode: 'true',
      receiverQueueSize: '5',
      negativeAckRedeliveryDelay: '40',
    });
    await until('permits', () => permitsOf(peer.sockets[0])?.length === 1);
    expect(permitsOf(peer.sockets[0])).toEqual([5]);
  });

  it('announces room when half of it was taken, not for what only waits here', async () => {
    await open(8);
    const socket = await peer.socket();
    for (let entry = 0; entry < 4; entry += 1) push(socket, entry);
    await consumer.receive();
    await consumer.receive();
    await until('two announcements', () => permitsOf(socket)?.length === 2);
    expect(permitsOf(socket)).toEqual([4, 2]);
  });

  it('with a queue of 0 asks for one message per receive', async () => {
    await open(0);
    const socket = await peer.socket();
    const waiting = [consumer.receive(), consumer.receive()];
    await until('two permits', () => permitsOf(socket)?.length === 2);
    expect(permitsOf(socket)).toEqual([1, 1]);
    for (const entry of [0, 1]) push(socket, entry);
    expect((await Promise.all(waiting)).map((delivery) => delivery?.messageId)).toEqual(['7:0:-1', '7:1:-1']);
  });

  it('drops what waits here when its connection is lost, and gives the next one its permits: all of it comes again', async () => {
    await open(8);
    const socket = await peer.socket();
    for (let entry = 0; entry < 3; entry += 1) push(socket, entry);
    expect((await consumer.receive())?.messageId).toBe('7:0:-1');
    socket.cut();
    const next = await peer.socket(1);
    await until('permits', () => permitsOf(next)?.length === 1);
    expect(permitsOf(next)).toEqual([4]);
    for (let entry = 0; entry < 3; entry += 1) push(next, entry);
    const again = [await consumer.receive(), await consumer.receive(), await consumer.receive()];
    expect(again.map((delivery) => delivery?.messageId)).toEqual(['7:0:-1', '7:1:-1', '7:2:-1']);
  });

  it('tells of each connection that came back, and not of the first one', async () => {
    await open(8, [0, 1]);
    await until('two sockets', () => peer.sockets.length === 2);
    expect(reconnectCount).toBe(0);
    for (const socket of [...peer.sockets]) socket.cut();
    await until('both stand again', () => reconnectCount === 2);
    expect(peer.sockets).toHaveLength(4);
  });

  it('acknowledges over the next connection what came over the last', async () => {
    await open(8);
    const socket = await peer.socket();
    push(socket, 5);
    const delivery = await consumer.receive();
    socket.cut();
    await consumer.ack(delivery?.messageId ?? '');
    const next = await peer.socket(1);
    const acks = () => next.frames.filter(({ messageId }) => messageId !== undefined);
    await until('an acknowledgement', () => acks().length === 1);
    expect(acks()).toEqual([{ messageId: encodeMessageId({ ledgerId: 7, entryId: 5, partition: -1 }) }]);
  });

  it('acknowledges on the socket of the partition', async () => {
    await open(8, [0, 1]);
    await until('two sockets', () => peer.sockets.length === 2);
    push(peer.sockets[1], 3, 1);
    await consumer.ack((await consumer.receive())?.messageId ?? '');
    await consumer.nack('7:9:0');
    await until('a nack', () => peer.sockets[0]?.frames.some(({ type }) => type === 'negativeAcknowledge') === true);
    expect(peer.sockets[1]?.frames.filter(({ type }) => type === undefined)).toHaveLength(1);
    expect(await outcomeOf(consumer.ack('7:3:2'))).toBe('USAGE: definite');
  });

  it('notices that nobody answers its pings, and connects again', async () => {
    await open(8, [-1], { answersPings: false });
    await peer.socket();
    await peer.socket(1);
    expect(peer.sockets.length).toBeGreaterThanOrEqual(2);
  });

  it('fails within its deadline when the broker stays away, and says so', async () => {
    await open(8);
    const waiting = consumer.receive();
    await peer.die();
    await expect(waiting).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await expect(waiting).rejects.toThrow(
      /consumer c1 of subscription s on t: connecting again for 400 ms.*ECONNREFUSED/,
    );
    expect(await outcomeOf(consumer.receive())).toBe('BROKER_UNREACHABLE: definite');
    expect(await outcomeOf(consumer.ack('7:0:-1'))).toBe('BROKER_UNREACHABLE: definite');
  });

  it('that is killed answers nothing and connects no more', async () => {
    await open(8);
    const socket = await peer.socket();
    let settled = false;
    void consumer.receive().finally(() => (settled = true));
    consumer.sever();
    void consumer.ack('7:0:-1').finally(() => (settled = true));
    push(socket, 1);
    await until('its connection is gone', () => socket.isClosed);
    expect([settled, peer.sockets.length]).toEqual([false, 1]);
  });

  it('joins all partitions or none', async () => {
    await open(8);
    peer.options.refusal = {
      status: 409,
      page: '<h2>Error 409 {&quot;errorMsg&quot;:&quot;busy&quot;,&quot;reqId&quot;:1}</h2>',
    };
    const refused = WebSocketConsumer.open({
      ...{ token: null, negativeAckDelayMs: 40, reconnectDeadlineMs: 400 },
      deadlines: { connectMs: 2_000, closeMs: 500, heartbeatMs: 100 },
      subscribe: { topic: 't', subscription: 's', type: 'exclusive', consumerName: 'c2', receiverQueueSize: 1 },
      partitions: [{ partition: 0, url: `${peer.url}/t-0/s` }],
    });
    await expect(refused).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
    await expect(refused).rejects.toThrow(/consumer c2 of subscription s on t, partition 0: busy$/);
  });
});
