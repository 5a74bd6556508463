/** Faults of a served broker: what each does to clients, and that nobody without the token can do it. */
import { type BrokerServer, serveBroker } from '../../lab/broker-server/broker-server';
import { askFault, type FaultControl } from '../../lab/broker-server/fault-client';
import { openPulsarWebSocket, type PulsarWebSocketBroker } from '../../shared/adapters/pulsar-websocket';
import { invariant } from '../../shared/model/invariant';
import type { Consumer } from '../../shared/ports';
import { RawSocket } from '../support/raw-socket';
import { until } from '../support/until';

const NAMESPACE = 'public/faults';
const TOPIC = `${NAMESPACE}/t`;
const EVERYBODY = { kind: null, name: null, topic: null };

/** The first acknowledgement is written down, no later one ever is: nothing depends on how quick this machine is. */
const WRITES_ONE_ACKNOWLEDGEMENT = { markDeleteRateLimit: 1e-9, cursorPositionFlushSeconds: 1e9 };

describe('a fault', () => {
  const told: string[] = [];
  let server: BrokerServer;
  let broker: PulsarWebSocketBroker;

  beforeEach(async () => {
    told.length = 0;
    server = await serveBroker({ ...WRITES_ONE_ACKNOWLEDGEMENT, onFault: (fault) => told.push(fault) });
    broker = await openPulsarWebSocket({ url: server.url, namespace: NAMESPACE, negativeAckDelayMs: 40 });
    await broker.createTopic('t', 0);
    await broker.createSubscription('t', 's');
  });
  afterEach(async () => {
    await broker.close();
    await server.close();
  });

  const control = (): FaultControl => {
    invariant(server.control !== null, 'faults were asked for');
    return server.control;
  };
  const ask = (fault: string, body: object) => askFault(control(), fault, body);
  const join = (consumerName: string): Promise<Consumer> =>
    broker.subscribe({ topic: 't', subscription: 's', type: 'key-shared', consumerName, receiverQueueSize: 10 });
  const publish = async (count: number): Promise<void> => {
    const producer = await broker.createProducer('t', 'p');
    for (let index = 0; index < count; index += 1) {
      await producer.send({ key: 'a', payload: new Uint8Array([index]), properties: {} });
    }
    await producer.close();
  };
  const take = async (consumer: Consumer, count: number) => {
    const deliveries = [];
    while (deliveries.length < count) {
      const delivery = await consumer.receive();
      invariant(delivery !== null, 'the consumer is open');
      deliveries.push(delivery);
    }
    return deliveries;
  };
  const numbers = (deliveries: readonly { readonly payload: Uint8Array }[]) =>
    deliveries.map(({ payload }) => payload[0]);
  const backlogIs = (count: number) =>
    until(`a backlog of ${count}`, async () => (await broker.stats('t', 's')).backlog === count);

  it('drop breaks the connection of one consumer: it comes back and gets what it had not acknowledged', async () => {
    const consumer = await join('c1');
    await publish(3);
    const [first] = await take(consumer, 3);
    await consumer.ack(first?.messageId ?? '');
    await backlogIs(2);
    expect(await ask('drop', { ...EVERYBODY, kind: 'consumer', name: 'c1' })).toEqual({ droppedCount: 1 });
    expect(numbers(await take(consumer, 2))).toEqual([1, 2]);
    expect(await ask('drop', { ...EVERYBODY, name: 'nobody' })).toEqual({ droppedCount: 0 });
    expect(told).toEqual([expect.stringContaining('drop {"kind":"consumer","name":"c1"'), expect.any(String)]);
  });

  it('unload brings everything unacknowledged back over the same connection', async () => {
    const consumer = await join('c1');
    await publish(2);
    await take(consumer, 2);
    await ask('unload', { topic: TOPIC });
    expect(numbers(await take(consumer, 2))).toEqual([0, 1]);
    await expect(ask('unload', { topic: `${NAMESPACE}/none` })).rejects.toThrow(/HTTP 404, Topic .* not found/);
  });

  it.each([
    [true, [1, 2, 3]],
    [false, [3]],
  ])('restart, losing acknowledgements: %s, brings back %j', async (losesAcks, expected) => {
    const consumer = await join('c1');
    await publish(4);
    const deliveries = await take(consumer, 4);
    for (const { messageId } of deliveries.slice(0, 3)) await consumer.ack(messageId);
    await backlogIs(1);
    await ask('restart', { losesAcks });
    expect(numbers(await take(consumer, expected.length))).toEqual(expected);
  });

  it('delay holds back what goes to clients, in order', async () => {
    const consumer = await join('c1');
    const producer = await broker.createProducer('t', 'q');
    const send = (number: number) => producer.send({ key: 'a', payload: new Uint8Array([number]), properties: {} });
    await ask('delay', { ms: 100 });
    const first = [send(0), send(1)];
    await backlogIs(2);
    await ask('delay', { ms: 0 });
    const ids = await Promise.all([...first, send(2)]);
    expect(numbers(await take(consumer, 3))).toEqual([0, 1, 2]);
    expect(new Set(ids).size).toBe(3);
    const startedAtMs = performance.now();
    await ask('delay', { ms: 50 });
    await publish(1);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(49);
    await expect(ask('delay', { ms: -1 })).rejects.toThrow(/HTTP 400, ms: /);
  });

  it('refuse lets nobody in until it ends, and keeps those who are in', async () => {
    const consumer = await join('c1');
    await ask('refuse', { isRefusing: true });
    await expect(join('c2')).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
    await ask('refuse', { isRefusing: false });
    await publish(1);
    expect(await take(consumer, 1)).toHaveLength(1);
    await join('c3');
  });

  it('list tells who is connected, and is no fault', async () => {
    await join('c1');
    const { connections } = await ask('list', { ...EVERYBODY, topic: TOPIC });
    expect(connections).toEqual([{ kind: 'consumer', name: 'c1', topic: `persistent://${TOPIC}`, subscription: 's' }]);
    expect(told).toEqual([]);
  });

  it('is refused without the token, with a wrong one, and by any other method', async () => {
    const { url, token } = control();
    for (const headers of [
      {},
      { authorization: 'Bearer no' },
      { authorization: `Bearer ${'0'.repeat(token.length)}` },
    ]) {
      const answer = await fetch(`${url}/drop`, { method: 'POST', headers });
      expect(answer.status).toBe(401);
    }
    const got = await fetch(`${url}/drop`, { headers: { authorization: `Bearer ${token}` } });
    expect(got.status).toBe(404);
    expect(told).toEqual([]);
  });

  it('is not there where it was not asked for, and never at the end points of Pulsar', async () => {
    const plain = await serveBroker();
    expect(plain.control).toBeNull();
    await plain.close();
    const headers = { authorization: `Bearer ${control().token}` };
    for (const path of ['/drop', '/restart', '/admin/v2/drop', '/admin/v2/faults/restart']) {
      const answer = await fetch(`${server.adminUrl}${path}`, { method: 'POST', headers });
      expect([404, 501]).toContain(answer.status);
    }
    const shaken = await RawSocket.shake(`${server.url}/ws/v2/restart`);
    expect(shaken.status).toBe(404);
    expect(told).toEqual([]);
  });
});
