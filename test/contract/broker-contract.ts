/**
 * What every adapter of the Broker port promises. Run by describeBroker against each of them. It knows nothing but the
 * port: whoever waits for something waits for the thing itself, with a deadline; that something does not happen is
 * shown by what happens instead.
 */
import { OrderlabError } from '../../shared/errors';
import type { Delivery } from '../../shared/model/message';
import type { SubscriptionType } from '../../shared/model/subscription';
import type { Broker, Consumer } from '../../shared/ports';
import { BrokerBench } from './broker-bench';

/** What a subscription type promises. */
export interface TypePromises {
  /** What becomes of a second consumer. */
  readonly secondConsumer: 'refused' | 'stands-by' | 'shares';
  /** Within what first deliveries keep the order of the log, over all consumers. */
  readonly orderWithin: 'partition' | 'key' | 'nothing';
  /** overtaken: the one message comes back, behind what was there. rewound: everything unacknowledged comes back. */
  readonly nack: 'overtaken' | 'rewound';
}

/** What one adapter promises beyond the port's own words. */
export interface BrokerPromises {
  readonly types: Readonly<Record<SubscriptionType, TypePromises>>;
  /** The broker counts negative acknowledgements in redeliveryCount where one message comes back. */
  readonly countsRedeliveries: boolean;
  /** A message is acknowledged when ack() resolves; else some time later. */
  readonly acksAtOnce: boolean;
  /** A connection can be cut, so that the consumer dies without closing. */
  readonly severs: boolean;
  /** receiverQueueSize 0 is possible on a plain topic. */
  readonly fetchesPerReceive: boolean;
  /** No promise takes longer to come true, milliseconds. */
  readonly deadlineMs: number;
}

/** A broker without the topics that the suite will make. */
export interface OpenedBroker {
  readonly broker: Broker;
  /** Ends the consumer's connection as the death of its process would. Not called unless the adapter `severs`. */
  sever(consumer: Consumer): void | Promise<void>;
}

const TYPES: readonly SubscriptionType[] = ['exclusive', 'failover', 'shared', 'key-shared'];
const COMPETING = TYPES.filter((type) => type !== 'exclusive');

/** Registers the suite. `open` gives a broker of its own each time. */
export function describeBroker(name: string, open: () => Promise<OpenedBroker>, promises: BrokerPromises): void {
  describe(`the broker ${name}`, () => {
    const bench = new BrokerBench(open, promises.deadlineMs);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());

    describeLog(bench);
    describeDelivery(bench, promises);
    describeAck(bench, promises);
    describeNack(bench, promises);
    describeCompetition(bench, promises);
    describeLeaving(bench, promises);
    describeErrors(bench);
  });
}

function describeLog(bench: BrokerBench): void {
  describe('the log', () => {
    it('keeps everything published in order, with its id, key, payload and properties', async () => {
      await bench.openTopic(0);
      const ids = await bench.publish(['a:1', 'b:1', 'a:2']);
      const entries = await bench.readLog();
      expect(entries.map(({ properties }) => properties.text)).toEqual(['a:1', 'b:1', 'a:2']);
      expect(entries.map(({ key }) => key)).toEqual(['a', 'b', 'a']);
      expect(entries.map(({ messageId }) => messageId)).toEqual(ids);
      expect(entries.map(({ position, partition }) => [position, partition])).toEqual([
        [0, -1],
        [1, -1],
        [2, -1],
      ]);
      expect(entries.map(({ payload }) => [...payload])).toEqual([[1], [2], [3]]);
      expect(new Set(ids).size).toBe(3);
      for (const id of ids) expect(id).toMatch(/^\d+:\d+:-1$/);
    });

    it('keeps all messages of one key in one partition, in order', async () => {
      await bench.openTopic(4);
      const texts = [1, 2, 3].flatMap((number) => [...'abcdefgh'].map((key) => `${key}:${number}`));
      await bench.publish(texts);
      const entries = await bench.readLog();
      expect(new Set(entries.map(({ partition }) => partition)).size).toBeGreaterThan(1);
      for (const key of 'abcdefgh') {
        const own = entries.filter((entry) => entry.key === key);
        expect(own.map(({ properties }) => properties.text)).toEqual([`${key}:1`, `${key}:2`, `${key}:3`]);
        expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      }
    });

    it('is read up to the tail at the time of the call, and from after a position', async () => {
      await bench.openTopic(0);
      await bench.publish(['a:1', 'a:2']);
      const upToTwo = bench.broker.readLog(bench.topic);
      await bench.publish(['a:3']);
      expect(await bench.textsOf(upToTwo)).toEqual(['a:1', 'a:2']);
      const after = new Map([[-1, 0]]);
      expect(await bench.textsOf(bench.broker.readLog(bench.topic, after))).toEqual(['a:2', 'a:3']);
    });

    it('is not used up by reading it', async () => {
      await bench.openTopic(0);
      await bench.publish(['a:1']);
      await bench.readLog();
      const consumer = await bench.join('c1', 'exclusive');
      expect(await bench.take(consumer, 1)).toEqual(['a:1']);
      expect(await bench.readLog()).toHaveLength(1);
    });

    it('stores the sends of a producer in the order in which they were made', async () => {
      await bench.openTopic(0);
      const texts = Array.from({ length: 50 }, (_, index) => `a:${index}`);
      await bench.publishAtOnce(texts);
      expect(await bench.textsOf(bench.broker.readLog(bench.topic))).toEqual(texts);
    });
  });
}

function describeDelivery(bench: BrokerBench, promises: BrokerPromises): void {
  describe('delivery', () => {
    it.each(TYPES)('hands everything to the only consumer of %s, in the order of each key', async (type) => {
      await bench.openTopic(0);
      await bench.publish(['a:1', 'b:1', 'a:2']);
      const consumer = await bench.join('c1', type);
      await bench.publish(['b:2', 'a:3']);
      const texts = await bench.take(consumer, 5);
      expect(bench.of('a', texts)).toEqual(['a:1', 'a:2', 'a:3']);
      expect(bench.of('b', texts)).toEqual(['b:1', 'b:2']);
    });

    it('hands over what was published, under the id that the producer got', async () => {
      await bench.openTopic(0);
      const [messageId] = await bench.publish(['a:1']);
      const consumer = await bench.join('c1', 'key-shared');
      expect(await bench.receive(consumer)).toEqual({
        messageId,
        topic: bench.topic,
        partition: -1,
        key: 'a',
        payload: expect.objectContaining([1]),
        properties: { text: 'a:1' },
        redeliveryCount: 0,
      });
    });

    it.each(TYPES)('reaches every partition of a topic: %s', async (type) => {
      await bench.openTopic(3);
      const consumer = await bench.join('c1', type);
      const texts = [...'abcdefgh'].map((key) => `${key}:1`);
      await bench.publish(texts);
      expect((await bench.take(consumer, 8)).sort()).toEqual(texts);
    });

    it('serves several receive calls that wait, in the order in which they were made', async () => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', 'exclusive');
      const waiting = [bench.receive(consumer), bench.receive(consumer), bench.receive(consumer)];
      await bench.publish(['a:1', 'a:2', 'a:3']);
      const deliveries = await Promise.all(waiting);
      expect(deliveries.map((delivery) => bench.textOf(delivery))).toEqual(['a:1', 'a:2', 'a:3']);
    });

    it('gives every subscription everything', async () => {
      await bench.openTopic(0);
      await bench.broker.createSubscription(bench.topic, 'other');
      await bench.publish(['a:1', 'a:2']);
      const first = await bench.join('c1', 'shared');
      const second = await bench.join('c1', 'shared', 10, 'other');
      expect(await bench.take(first, 2)).toEqual(['a:1', 'a:2']);
      expect(await bench.take(second, 2)).toEqual(['a:1', 'a:2']);
    });

    it('keeps at most receiverQueueSize messages at a consumer that takes none', async () => {
      await bench.openTopic(0);
      await bench.join('idle', 'shared', 3);
      const busy = await bench.join('busy', 'shared', 1);
      const texts = Array.from({ length: 12 }, (_, index) => `a:${index}`);
      await bench.publish(texts);
      expect(new Set(await bench.take(busy, 9)).size).toBe(9);
    });

    if (promises.fetchesPerReceive) {
      it('keeps none at a consumer with a queue of 0, and fetches one per receive', async () => {
        await bench.openTopic(0);
        const lazy = await bench.join('lazy', 'shared', 0);
        const busy = await bench.join('busy', 'shared', 1);
        const texts = ['a:1', 'a:2', 'a:3', 'a:4'];
        await bench.publish(texts);
        expect((await bench.take(busy, 4)).sort()).toEqual(texts);
        await busy.close();
        expect((await bench.take(lazy, 4)).sort()).toEqual(texts);
      });
    }
  });
}

function describeAck(bench: BrokerBench, promises: BrokerPromises): void {
  describe('an acknowledgement', () => {
    it.each(TYPES)('lowers the backlog, once: %s', async (type) => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', type);
      await bench.publish(['a:1', 'a:2']);
      const { messageId } = await bench.receive(consumer);
      expect(await bench.backlog()).toBe(2);
      await consumer.ack(messageId);
      await consumer.ack(messageId);
      if (promises.acksAtOnce) expect(await bench.backlog()).toBe(1);
      await bench.until('the backlog is 1', async () => (await bench.backlog()) === 1);
    });

    it.each(COMPETING.filter((type) => promises.types[type].secondConsumer === 'shares'))(
      'counts whoever holds the message: %s',
      async (type) => {
        await bench.openTopic(0);
        const holder = await bench.join('c1', type);
        await bench.publish(['a:1']);
        const { messageId } = await bench.receive(holder);
        const other = await bench.join('c2', type);
        await other.ack(messageId);
        await bench.until('the backlog is 0', async () => (await bench.backlog()) === 0);
        await holder.close();
        await bench.publish(['a:2']);
        expect(await bench.take(other, 1)).toEqual(['a:2']);
      },
    );

    it.each(TYPES)('keeps a message away from every later consumer: %s', async (type) => {
      await bench.openTopic(2);
      const texts = [...'abcdef'].flatMap((key) => [`${key}:1`, `${key}:2`]);
      await bench.publish(texts);
      const first = await bench.join('c1', type);
      const acked = await bench.takeAndAck(first, 6);
      await bench.until('the backlog is 6', async () => (await bench.backlog()) === 6);
      await first.close();
      const second = await bench.join('c2', type);
      expect([...acked, ...(await bench.take(second, 6))].sort()).toEqual(texts);
    });
  });
}

function describeNack(bench: BrokerBench, promises: BrokerPromises): void {
  const typesThat = (nack: TypePromises['nack']) => TYPES.filter((type) => promises.types[type].nack === nack);

  describe('a negative acknowledgement', () => {
    it.each(typesThat('overtaken'))('brings one message back behind the later ones of its key: %s', async (type) => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', type, 1);
      await bench.publish([1, 2, 3, 4, 5, 6, 7, 8].map((number) => `a:${number}`));
      const deliveries: Delivery[] = [];
      while (deliveries.length < 9) {
        const delivery = await bench.receive(consumer);
        const isRefused = bench.textOf(delivery) === 'a:2' && deliveries.length < 8;
        await (isRefused ? consumer.nack(delivery.messageId) : consumer.ack(delivery.messageId));
        deliveries.push(delivery);
      }
      const order = deliveries.map((delivery) => bench.textOf(delivery)).join(' ');
      expect(order).toBe('a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:2');
      if (promises.countsRedeliveries) {
        expect(deliveries.map(({ redeliveryCount }) => redeliveryCount)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
      }
    });

    it.each(typesThat('rewound'))('brings everything unacknowledged back, in order: %s', async (type) => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', type);
      await bench.publish(['a:1', 'a:2', 'a:3']);
      const [first, second] = [await bench.receive(consumer), await bench.receive(consumer)];
      expect(await bench.take(consumer, 1)).toEqual(['a:3']);
      await consumer.ack(first.messageId);
      await consumer.nack(second.messageId);
      expect(await bench.take(consumer, 2)).toEqual(['a:2', 'a:3']);
    });

    it('is cancelled by an acknowledgement', async () => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', 'shared');
      await bench.publish(['a:1', 'a:2']);
      const [first, second] = [await bench.receive(consumer), await bench.receive(consumer)];
      await consumer.nack(first.messageId);
      await consumer.ack(first.messageId);
      await consumer.nack(second.messageId);
      expect(await bench.take(consumer, 1)).toEqual(['a:2']);
    });
  });
}

function describeCompetition(bench: BrokerBench, promises: BrokerPromises): void {
  const typesThat = (second: TypePromises['secondConsumer']) =>
    TYPES.filter((type) => promises.types[type].secondConsumer === second);

  describe('a second consumer', () => {
    it.each(typesThat('refused'))('is refused while the first is there: %s', async (type) => {
      await bench.openTopic(0);
      const first = await bench.join('c1', type);
      await expect(bench.join('c2', type)).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
      await first.close();
      const second = await bench.join('c2', type);
      await bench.publish(['a:1']);
      expect(await bench.take(second, 1)).toEqual(['a:1']);
    });

    it('is refused when it asks for another type', async () => {
      await bench.openTopic(0);
      await bench.join('c1', 'shared');
      await expect(bench.join('c2', 'key-shared')).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
    });

    it.each(typesThat('stands-by'))('gets nothing of a partition that another is served: %s', async (type) => {
      await bench.openTopic(0);
      const consumers = [await bench.join('c1', type), await bench.join('c2', type), await bench.join('c3', type)];
      const collected = bench.collect(consumers);
      await bench.publish(Array.from({ length: 30 }, (_, index) => `k${index % 7}:${index}`));
      await collected.untilDistinct(30);
      expect(new Set(collected.consumerIndices()).size).toBe(1);
    });

    it.each(typesThat('shares'))('shares the work: %s', async (type) => {
      await bench.openTopic(0);
      const collected = bench.collect([await bench.join('c1', type, 5), await bench.join('c2', type, 5)]);
      await bench.publish(Array.from({ length: 60 }, (_, index) => `k${index % 20}:${index}`));
      await collected.untilDistinct(60);
      expect(new Set(collected.consumerIndices()).size).toBe(2);
    });

    it.each(TYPES.filter((type) => promises.types[type].orderWithin === 'key'))(
      'gets nothing of a key before the first has acknowledged what it holds of it: %s',
      async (type) => {
        await bench.openTopic(0);
        const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
        const first = await bench.join('c1', type, 100);
        await bench.publish(keys.map((key) => `${key}:1`));
        const held: Delivery[] = [];
        for (const _key of keys) held.push(await bench.receive(first));
        const second = await bench.join('c2', type, 100);
        const collected = bench.collect([first, second]);
        await bench.publish(keys.map((key) => `${key}:2`));
        for (const { key, messageId } of held) {
          collected.note(`ack ${key}`);
          await first.ack(messageId);
        }
        await collected.untilDistinct(20);
        const moved = collected.textsAt(1);
        expect(moved.length).toBeGreaterThan(0);
        for (const text of moved) {
          expect(collected.indexOf(`ack ${text.split(':')[0]}`)).toBeLessThan(collected.indexOf(text));
        }
      },
    );
  });
}

function describeLeaving(bench: BrokerBench, promises: BrokerPromises): void {
  describe('a consumer that leaves', () => {
    it('answers null to a receive that waits, and to all later ones', async () => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', 'key-shared');
      const waiting = consumer.receive();
      await consumer.close();
      await consumer.close();
      expect(await waiting).toBeNull();
      expect(await consumer.receive()).toBeNull();
      await expect(consumer.ack('1:0:-1')).rejects.toMatchObject({ code: 'PORT_CLOSED' });
    });

    it.each(TYPES)('gives what it did not acknowledge to the next, in the order of each key: %s', async (type) => {
      await bench.openTopic(0);
      const first = await bench.join('c1', type);
      await bench.publish(['a:1', 'b:1', 'a:2', 'b:2', 'a:3']);
      await bench.takeAndAck(first, 1);
      await bench.until('the backlog is 4', async () => (await bench.backlog()) === 4);
      await bench.take(first, 2);
      await first.close();
      const second = await bench.join('c2', type);
      const texts = await bench.take(second, 4);
      expect(bench.of('a', texts)).toEqual(['a:2', 'a:3']);
      expect(bench.of('b', texts)).toEqual(['b:1', 'b:2']);
    });

    it.each(COMPETING)('lets first deliveries keep what its type promises, and loses nothing: %s', async (type) => {
      await bench.openTopic(2);
      const consumers = [await bench.join('c1', type, 5), await bench.join('c2', type, 5)];
      const collected = bench.collect(consumers, { acks: true });
      const texts = Array.from({ length: 100 }, (_, index) => `k${index % 10}:${Math.floor(index / 10)}`);
      await bench.publish(texts.slice(0, 50));
      await collected.untilDistinct(20);
      await bench.leaveNow(consumers[0], collected, promises.severs);
      collected.add(await bench.join('c3', type, 5));
      await bench.publish(texts.slice(50));
      await collected.untilDistinct(100);
      await bench.until('the backlog is 0', async () => (await bench.backlog()) === 0);
      expect(collected.firstDeliveries().sort()).toEqual([...texts].sort());
      const { orderWithin } = promises.types[type];
      if (orderWithin === 'nothing') return;
      for (let key = 0; key < 10; key += 1) {
        const own = collected.firstDeliveries().filter((text) => text.startsWith(`k${key}:`));
        expect(own).toEqual(Array.from({ length: 10 }, (_, index) => `k${key}:${index}`));
      }
    });

    if (!promises.severs) return;
    it.each(TYPES)('need not say so: what a killed one held goes to the next: %s', async (type) => {
      await bench.openTopic(0);
      const killed = await bench.join('c1', type);
      await bench.publish(['a:1', 'a:2']);
      await bench.take(killed, 1);
      let settled = false;
      const [held] = [await bench.receive(killed), killed.receive().finally(() => (settled = true))];
      await bench.opened.sever(killed);
      void killed.ack(held.messageId).finally(() => (settled = true));
      const next = await bench.join('c2', type);
      const [first, second] = [await bench.receive(next), await bench.receive(next)];
      expect([bench.textOf(first), bench.textOf(second)]).toEqual(['a:1', 'a:2']);
      expect([first.redeliveryCount, second.redeliveryCount]).toEqual([0, 0]);
      expect(settled).toBe(false);
    });
  });
}

function describeErrors(bench: BrokerBench): void {
  describe('what is not there', () => {
    it('is named: a topic, a subscription', async () => {
      await bench.openTopic(0);
      const notThere = { code: 'TOPIC_NOT_FOUND', outcome: 'definite' };
      await expect(bench.broker.createProducer('nowhere', 'p')).rejects.toMatchObject(notThere);
      await expect(bench.broker.createSubscription('nowhere', 's')).rejects.toMatchObject(notThere);
      await expect(bench.broker.stats('nowhere', 's')).rejects.toMatchObject(notThere);
      await expect(bench.join('c1', 'shared', 10, 'nobody')).rejects.toMatchObject({ code: 'SUBSCRIPTION_NOT_FOUND' });
    });

    it('is made once: topics and subscriptions are created idempotently', async () => {
      await bench.openTopic(2);
      await bench.publish(['a:1']);
      await bench.broker.createTopic(bench.topic, 2);
      await bench.broker.createSubscription(bench.topic, bench.subscription);
      expect(await bench.backlog()).toBe(1);
    });

    it('is a closed broker, and closing twice is closing once', async () => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', 'shared');
      await bench.broker.close();
      await bench.broker.close();
      expect(await consumer.receive()).toBeNull();
      const refusal: unknown = await bench.broker.createTopic('late', 0).catch((thrown: unknown) => thrown);
      expect(refusal).toBeInstanceOf(OrderlabError);
      expect(refusal).toMatchObject({ code: 'PORT_CLOSED' });
    });

    it('is a closed producer', async () => {
      await bench.openTopic(0);
      const producer = await bench.broker.createProducer(bench.topic, 'p');
      await producer.close();
      await producer.close();
      const message = { key: 'a', payload: new Uint8Array(), properties: {} };
      await expect(producer.send(message)).rejects.toMatchObject({ code: 'PORT_CLOSED' });
    });
  });
}
