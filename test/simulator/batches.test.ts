/**
 * Batches: several messages in one entry, and what becomes of their keys, permits and acknowledgements. Figures that the titles
 * call measured were printed by a running 4.2.4 for the same calls, made through Pulsar's native client.
 */
import fc from 'fast-check';
import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import {
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
  type EmbeddedSubscribeOptions,
  openEmbeddedBroker,
} from '../../shared/adapters/embedded-broker';
import type { EmbeddedConsumer } from '../../shared/adapters/embedded-broker-consumer';
import type { Delivery } from '../../shared/model/message';
import type { Batching } from '../../shared/model/producer';
import type { SubscriptionType } from '../../shared/model/subscription';
import { PULSAR_DEFAULTS } from '../../shared/simulator/broker-settings';

interface Bench {
  readonly broker: EmbeddedBroker;
  /** Sends the messages as one batch per key or per partition, and returns their ids. */
  readonly publish: (type: Batching['type'], ...texts: readonly string[]) => Promise<string[]>;
  readonly join: (
    name: string,
    type: SubscriptionType,
    receiverQueueSize: number,
    more?: Partial<EmbeddedSubscribeOptions>,
  ) => Promise<EmbeddedConsumer>;
  readonly sleep: (ms: number) => Promise<void>;
}

function onBroker(
  work: (bench: Bench) => Promise<void>,
  settings: Partial<EmbeddedBrokerOptions> = {},
  partitionCount = 0,
): Promise<void> {
  const clock = openVirtualClock();
  const broker = openEmbeddedBroker({ clock, failoverDelayMs: 0, negativeAckDelayMs: 500, ...settings });
  let producerCount = 0;
  const play = async (): Promise<void> => {
    await broker.createTopic('t', partitionCount);
    await broker.createSubscription('t', 's');
    const publish: Bench['publish'] = async (type, ...texts) => {
      producerCount += 1;
      const batching = { type, maxMessages: texts.length, maxPublishDelayMs: 10 };
      const producer = await broker.createProducer('t', `p${producerCount}`, { batching });
      const ids = await Promise.all(texts.map((text) => producer.send(messageOf(text))));
      await producer.close();
      return ids;
    };
    const join: Bench['join'] = (consumerName, type, receiverQueueSize, more = {}) =>
      broker.subscribe({ topic: 't', subscription: 's', type, consumerName, receiverQueueSize, ...more });
    await work({ broker, publish, join, sleep: (ms) => clock.sleep(ms) });
    await broker.close();
  };
  return clock.run(play());
}

function messageOf(text: string) {
  return { key: text.split(':')[0] ?? '', payload: new Uint8Array(), properties: { text } };
}

async function take(consumer: EmbeddedConsumer, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  for (let index = 0; index < count; index += 1) {
    const delivery = await consumer.receive();
    if (delivery !== null) taken.push(delivery);
  }
  return taken;
}

function textsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ properties, redeliveryCount }) => `${properties.text}(${redeliveryCount})`);
}

async function ackAll(consumer: EmbeddedConsumer, deliveries: readonly Delivery[]): Promise<void> {
  for (const { messageId } of deliveries) await consumer.ack(messageId);
}

describe('a batch of mixed keys', () => {
  it('goes whole to the owner of its first key, as measured', () =>
    onBroker(async ({ broker, publish, join }) => {
      const [, second] = [await join('c1', 'key-shared', 10), await join('c2', 'key-shared', 10)];
      const ids = await publish('default', 'k2:1', 'k0:1', 'k2:2', 'k0:2');
      expect(ids.map((id) => id.split(':').slice(1))).toEqual([0, 1, 2, 3].map((index) => ['0', '-1', `${index}`]));
      expect(textsOf(await take(second, 4))).toEqual(['k2:1(0)', 'k0:1(0)', 'k2:2(0)', 'k0:2(0)']);
      const [view] = broker.view('t', 's');
      expect(view).toMatchObject({ backlog: 1, consumers: [{ unackedCount: 0 }, { unackedCount: 4, permits: 6 }] });
    }));

  it('breaks the order of a key that another consumer owns: its next message alone goes there', () =>
    onBroker(async ({ publish, join }) => {
      const [first, second] = [await join('c1', 'key-shared', 10), await join('c2', 'key-shared', 10)];
      await publish('default', 'k2:1', 'k0:1');
      await publish('default', 'k0:2');
      expect(textsOf(await take(first, 1))).toEqual(['k0:2(0)']);
      expect(textsOf(await take(second, 2))).toEqual(['k2:1(0)', 'k0:1(0)']);
    }));
});

describe('a batch per key', () => {
  it('goes to the owner of its key, as measured', () =>
    onBroker(async ({ broker, publish, join }) => {
      const [first, second] = [await join('c1', 'key-shared', 10), await join('c2', 'key-shared', 10)];
      const ids = await publish('key-based', 'k2:1', 'k0:1', 'k2:2', 'k0:2');
      const places = [
        ['0', '-1', '0'],
        ['1', '-1', '0'],
        ['0', '-1', '1'],
        ['1', '-1', '1'],
      ];
      expect(ids.map((id) => id.split(':').slice(1))).toEqual(places);
      expect(textsOf(await take(first, 2))).toEqual(['k0:1(0)', 'k0:2(0)']);
      expect(textsOf(await take(second, 2))).toEqual(['k2:1(0)', 'k2:2(0)']);
      const held = { unackedCount: 2, permits: 8 };
      expect(broker.view('t', 's')).toMatchObject([{ backlog: 2, consumers: [held, held] }]);
    }));

  it('is sent when its time is over, and by partition', () =>
    onBroker(
      async ({ broker }) => {
        const batching = { type: 'default', maxMessages: 100, maxPublishDelayMs: 10 } as const;
        const producer = await broker.createProducer('t', 'p', { batching });
        const ids = await Promise.all(
          ['a:1', 'b:1', 'c:1', 'a:2', 'b:2', 'c:2'].map((text) => producer.send(messageOf(text))),
        );
        const entries = new Set(ids.map((id) => id.split(':').slice(0, 3).join(':')));
        expect(entries.size).toBe(new Set(ids.map((id) => id.split(':')[2])).size);
        expect(entries.size).toBeGreaterThan(1);
        await expect(broker.createProducer('t', 'q', { batching: { ...batching, maxMessages: 0 } })).rejects.toThrow(
          'a whole number of messages',
        );
      },
      {},
      3,
    ));
});

describe('permits', () => {
  it('fall below zero, since an entry is sent whole: a queue of 3 and a batch of 50, as measured', () =>
    onBroker(async ({ broker, publish, join }) => {
      await join('c1', 'exclusive', 3);
      await publish('default', ...Array.from({ length: 50 }, (_, index) => `a:${index}`));
      await publish('default', 'a:50', 'a:51');
      expect(broker.view('t', 's')).toMatchObject([{ backlog: 2, consumers: [{ permits: -47 }] }]);
    }));
});

describe('messages of a batch', () => {
  const five = ['a:0', 'a:1', 'a:2', 'a:3', 'a:4'];

  it('are acknowledged one by one, and come again without those, as measured', () =>
    onBroker(async ({ broker, publish, join, sleep }) => {
      const consumer = await join('c1', 'shared', 3);
      await publish('default', ...five);
      expect(broker.view('t', 's')).toMatchObject([{ consumers: [{ unackedCount: 5, permits: -2 }] }]);
      const taken = await take(consumer, 5);
      await ackAll(
        consumer,
        [taken[0], taken[2]].filter((each) => each !== undefined),
      );
      expect(broker.view('t', 's')).toMatchObject([{ backlog: 1, consumers: [{ unackedCount: 3, permits: 3 }] }]);
      await consumer.nack(taken[1]?.messageId ?? '');
      await sleep(1000);
      const again = await take(consumer, 3);
      expect(textsOf(again)).toEqual(['a:1(1)', 'a:3(1)', 'a:4(1)']);
      await ackAll(consumer, again);
      expect(broker.view('t', 's')).toMatchObject([{ backlog: 0, consumers: [{ unackedCount: 0 }] }]);
    }));

  it.each([
    ['a client', { batchIndexAckEnabled: false }, {}],
    ['a broker', {}, { batchIndexAckEnabled: false }],
  ])(
    'are acknowledged with the last of them by %s that does not count them, and all come again',
    (_who, asked, settings) =>
      onBroker(async ({ broker, publish, join, sleep }) => {
        const consumer = await join('c1', 'shared', 10, asked);
        await publish('default', ...five);
        const taken = await take(consumer, 5);
        await ackAll(consumer, taken.slice(0, 4));
        expect(broker.view('t', 's')).toMatchObject([{ backlog: 1, consumers: [{ unackedCount: 5 }] }]);
        await consumer.nack(taken[4]?.messageId ?? '');
        await sleep(1000);
        const again = await take(consumer, 5);
        expect(textsOf(again)).toEqual(five.map((text) => `${text}(1)`));
        await ackAll(consumer, again);
        expect(broker.view('t', 's')).toMatchObject([{ backlog: 0, consumers: [{ unackedCount: 0 }] }]);
      }, settings),
  );

  it('are remembered one by one over an orderly restart, and of a crash what was written down', () =>
    onBroker(async ({ broker, publish, join }) => {
      const consumer = await join('c1', 'shared', 10);
      await publish('default', ...five);
      const taken = await take(consumer, 5);
      await ackAll(consumer, taken.slice(0, 2));
      broker.restart({ losesAcks: true });
      const again = await take(consumer, 4);
      expect(textsOf(again)).toEqual(['a:1(0)', 'a:2(0)', 'a:3(0)', 'a:4(0)']);
      await ackAll(consumer, again.slice(0, 2));
      broker.restart({ losesAcks: false });
      expect(textsOf(await take(consumer, 2))).toEqual(['a:3(0)', 'a:4(0)']);
    }));

  it('go to a topic of dead letters, but for those that are acknowledged', () =>
    onBroker(async ({ broker, publish, join, sleep }) => {
      const deadLetter = { maxRedeliverCount: 1, topic: 'dead' };
      const consumer = await join('c1', 'shared', 10, { deadLetter });
      await publish('default', 'a:0', 'a:1', 'a:2');
      const [first, second] = await take(consumer, 3);
      await consumer.nack(first?.messageId ?? '');
      await sleep(1000);
      expect(textsOf(await take(consumer, 3))).toEqual(['a:0(1)', 'a:1(1)', 'a:2(1)']);
      await consumer.ack(second?.messageId ?? '');
      await consumer.nack(first?.messageId ?? '');
      await sleep(1000);
      const dead: (string | undefined)[] = [];
      for await (const { properties } of broker.readLog('dead')) dead.push(properties.text);
      expect(dead).toEqual(['a:0', 'a:2']);
      expect(broker.view('t', 's')).toMatchObject([{ backlog: 0, consumers: [{ unackedCount: 0 }] }]);
    }));

  it('are read one by one by a reader, which comes back to its place inside a batch, and by whoever reads the log', () =>
    onBroker(async ({ broker, publish }) => {
      await publish('default', ...five);
      await publish('default', 'b:0', 'b:1');
      const reader = broker.openReader({ topic: 't', readerName: 'r', from: 'earliest', receiverQueueSize: 10 });
      const texts: (string | undefined)[] = [];
      for (let count = 0; count < 3; count += 1) texts.push((await reader.readNext())?.properties.text);
      broker.unload('t');
      while (reader.hasNext()) texts.push((await reader.readNext())?.properties.text);
      expect(texts).toEqual([...five, 'b:0', 'b:1']);
      const logged: (string | undefined)[] = [];
      for await (const { properties } of broker.readLog('t')) logged.push(properties.text);
      expect(logged).toEqual(texts);
    }));

  it('are acknowledged up to one of them', () =>
    onBroker(async ({ broker, publish, join }) => {
      const consumer = await join('c1', 'exclusive', 10);
      await publish('default', 'a:0', 'a:1');
      await publish('default', 'b:0', 'b:1');
      const taken = await take(consumer, 4);
      await consumer.ackCumulative(taken[2]?.messageId ?? '');
      expect((await broker.stats('t', 's')).backlog).toBe(1);
      await consumer.ackCumulative(taken[3]?.messageId ?? '');
      expect((await broker.stats('t', 's')).backlog).toBe(0);
    }));

  it('are a duplicate by the first of them: a batch that begins with a known number is dropped whole', () =>
    onBroker(
      async ({ broker }) => {
        const batching = { type: 'default', maxMessages: 2, maxPublishDelayMs: 10 } as const;
        const producer = await broker.createProducer('t', 'p', { batching });
        const send = (text: string, sequenceId: number) => producer.send({ ...messageOf(text), sequenceId });
        await Promise.all([send('a:1', 1), send('a:2', 2)]);
        const again = await Promise.all([send('a:1', 1), send('a:3', 3)]);
        expect(again.map((id) => id.startsWith('-1:-1'))).toEqual([true, true]);
      },
      { ...PULSAR_DEFAULTS, failoverDelayMs: 0, deduplicationEnabled: true },
    ));
});

describe('whatever is acknowledged of batches, and in what order', () => {
  const types = fc.constantFrom<SubscriptionType>('exclusive', 'failover', 'shared', 'key-shared');

  it('everything comes, comes again until it is acknowledged, and is counted to the last message', () =>
    fc.assert(
      fc.asyncProperty(
        types,
        fc.constantFrom<Batching['type']>('default', 'key-based'),
        fc.boolean(),
        fc.array(fc.array(fc.constantFrom('k0', 'k1', 'k2'), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 }),
        async (type, batchingType, batchIndexAckEnabled, batches, deeds) => {
          await onBroker(async ({ broker, publish, join, sleep }) => {
            const names = type === 'exclusive' ? ['c1'] : ['c1', 'c2'];
            const consumers: EmbeddedConsumer[] = [];
            for (const name of names) consumers.push(await join(name, type, 3, { batchIndexAckEnabled }));
            const acked = new Set<string>();
            const all: string[] = [];
            let turn = 0;
            for (const consumer of consumers) void work(consumer);
            for (const [index, keys] of batches.entries()) {
              const texts = keys.map((key, place) => `${key}:${index}.${place}`);
              all.push(...texts);
              await publish(batchingType, ...texts);
            }
            await sleep(60_000);
            expect([...acked].sort()).toEqual(all.sort());
            const [view] = broker.view('t', 's');
            expect(view?.backlog).toBe(0);
            expect(view?.consumers.every(({ unackedCount }) => unackedCount === 0)).toBe(true);

            async function work(consumer: EmbeddedConsumer): Promise<void> {
              for (;;) {
                const delivery = await consumer.receive();
                if (delivery === null) return;
                turn += 1;
                // Some messages are given back, in the first rounds.
                const isGivenBack = turn < 40 && deeds[turn % deeds.length] === 0;
                if (isGivenBack) await consumer.nack(delivery.messageId);
                else {
                  acked.add(delivery.properties.text ?? '');
                  await consumer.ack(delivery.messageId);
                }
              }
            }
          });
        },
      ),
    ));
});
