/** A partition by its own name, cursors that begin at the end, and what internal statistics tell of both. */
import { type EmbeddedBroker, openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { systemClock } from '../../shared/adapters/system-clock';
import type { SubscriptionType } from '../../shared/model/subscription';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('a partition under its own name', () => {
  let broker: EmbeddedBroker;
  beforeEach(async () => {
    broker = openEmbeddedBroker({ clock: systemClock, failoverDelayMs: 0 });
    await broker.createTopic('t', 3);
    await broker.createSubscription('t', 's');
  });
  afterEach(() => broker.close());

  const publish = async (topic: string): Promise<void> => {
    const producer = await broker.createProducer(topic, 'p');
    for (const key of KEYS) await producer.send({ key, payload: new Uint8Array(), properties: {} });
  };
  const join = (topic: string, consumerName: string, type: SubscriptionType = 'key-shared') =>
    broker.subscribe({ topic, subscription: 's', type, consumerName, receiverQueueSize: 10 });
  const keysIn = async (topic: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of broker.readLog(topic)) keys.push(key);
    return keys;
  };

  it('is a topic with the messages of that partition, under the ids that the whole topic gave them', async () => {
    await publish('t');
    const own = await keysIn('t-partition-1');
    expect(own.length).toBeGreaterThan(0);
    const consumer = await join('t-partition-1', 'c1');
    for (const key of own) {
      const delivery = await consumer.receive();
      expect(delivery).toMatchObject({ key, partition: 1 });
      await consumer.ack(delivery?.messageId ?? '');
    }
    expect(await broker.stats('t-partition-1', 's')).toMatchObject({ backlog: 0 });
    expect(await broker.stats('t', 's')).toMatchObject({ backlog: KEYS.length - own.length });
  });

  it('takes every key that is published to it', async () => {
    await publish('t-partition-2');
    expect(await keysIn('t-partition-2')).toEqual(KEYS);
    expect(await keysIn('t-partition-0')).toEqual([]);
  });

  it('is chosen for by its number on Failover, as in the whole topic', async () => {
    for (const name of ['c1', 'c2', 'c3']) await join('t', name, 'failover');
    const chosen = broker.view('t', 's').map(({ activeConsumerName }) => activeConsumerName);
    expect(chosen).toEqual(['c1', 'c2', 'c3']);
    expect(broker.view('t-partition-2', 's').map(({ activeConsumerName }) => activeConsumerName)).toEqual(['c3']);
  });

  it.each(['t-partition-3', 't-partition-', 'u-partition-0'])(
    'is not there when the topic has none: %s',
    async (name) => {
      await expect(broker.createProducer(name, 'p')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
    },
  );

  it('may be subscribed to alone; the whole topic then lacks the subscription', async () => {
    await broker.createSubscription('t-partition-0', 'alone');
    await expect(broker.stats('t-partition-0', 'alone')).resolves.toMatchObject({ backlog: 0 });
    await expect(broker.stats('t', 'alone')).rejects.toMatchObject({ code: 'SUBSCRIPTION_NOT_FOUND' });
  });

  it('shows its log and its cursors: how far all is acknowledged, and what is above that', async () => {
    await publish('t-partition-0');
    await broker.createSubscription('t', 'late', 'latest');
    const consumer = await join('t-partition-0', 'c1');
    const ids: string[] = [];
    for (const _key of KEYS) ids.push((await consumer.receive())?.messageId ?? '');
    for (const index of [0, 2, 3, 5]) await consumer.ack(ids[index] ?? '');
    const [view] = broker.viewLogs('t-partition-0');
    expect(view).toMatchObject({
      ...{ partition: 0, entryCount: 6 },
      cursors: [
        {
          subscription: 's',
          markDelete: 0,
          read: 6,
          acknowledged: [
            [2, 3],
            [5, 5],
          ],
        },
        { subscription: 'late', markDelete: 5, read: 6, acknowledged: [] },
      ],
    });
    expect(broker.viewLogs('t').map(({ partition, entryCount }) => [partition, entryCount])).toEqual([
      [0, 6],
      [1, 0],
      [2, 0],
    ]);
  });
});
