/**
 * What every adapter of the Broker port promises. Run by describeBroker against each of them. It knows nothing but the
 * port: whoever waits for something waits for the thing itself, with a deadline; that something does not happen is
 * shown by what happens instead.
 */
import { OrderlabError } from '../../shared/errors';
import { until } from '../support/until';
import { BrokerBench } from './broker-bench';
import { describeAck, describeNack } from './broker-contract-acks';
import { describeCompetition, describeLeaving } from './broker-contract-consumers';
import { type BrokerPromises, type OpenedBroker, TYPES } from './broker-promises';

const EIGHT_KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Registers the suite. `open` gives a broker of its own each time. */
export function describeBroker(name: string, open: () => Promise<OpenedBroker>, promises: BrokerPromises): void {
  describe(`the broker ${name}`, () => {
    const bench = new BrokerBench(open, promises.deadlineMs);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());

    describeLog(bench, promises);
    describeDelivery(bench, promises);
    describeAck(bench, promises);
    describeNack(bench, promises);
    describeCompetition(bench, promises);
    describeLeaving(bench, promises);
    describeStatistics(bench, promises);
    describeErrors(bench);
  });
}

function describeLog(bench: BrokerBench, promises: BrokerPromises): void {
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
      const texts = [1, 2, 3].flatMap((number) => EIGHT_KEYS.map((key) => `${key}:${number}`));
      await bench.publish(texts);
      const entries = await bench.readLog();
      expect(new Set(entries.map(({ partition }) => partition)).size).toBeGreaterThan(1);
      for (const key of EIGHT_KEYS) {
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
      const texts = await bench.textsOf(upToTwo);
      expect(texts).toEqual(['a:1', 'a:2', 'a:3'].slice(0, texts.length));
      expect(promises.looksUpTailAtOnce ? [2] : [2, 3]).toContain(texts.length);
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
      const texts = EIGHT_KEYS.map((key) => `${key}:1`);
      await bench.publish(texts);
      expect((await bench.take(consumer, 8)).sort()).toEqual(texts);
    });

    it.each([1, 2, 10])('serves receive calls that wait in their order, with a queue of %i', async (queueSize) => {
      await bench.openTopic(0);
      const consumer = await bench.join('c1', 'exclusive', queueSize);
      const waiting = [bench.receive(consumer), bench.receive(consumer), bench.receive(consumer)];
      await bench.publish(['a:1', 'a:2', 'a:3']);
      const deliveries = await Promise.all(waiting);
      expect(deliveries.map((delivery) => bench.textOf(delivery))).toEqual(['a:1', 'a:2', 'a:3']);
    });

    it.each(TYPES)('hands over each message once while nobody leaves: %s', async (type) => {
      await bench.openTopic(2);
      const texts = Array.from({ length: 60 }, (_, index) => `k${index % 12}:${index}`);
      const consumers = [await bench.join('c1', type, 2)];
      if (type !== 'exclusive') consumers.push(await bench.join('c2', type, 3));
      const collected = bench.collect(consumers, { acks: true });
      await bench.publish(texts.slice(0, 30));
      await bench.publishAtOnce(texts.slice(30));
      await bench.untilDrained();
      expect(collected.deliveries().sort()).toEqual([...texts].sort());
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

/** Clients group acknowledgements and open their windows when they like: what is told is waited for. */
function describeStatistics(bench: BrokerBench, { deadlineMs }: BrokerPromises): void {
  describe('statistics', () => {
    it('tell what consumers hold and which hashes wait for their former consumer, until all is acknowledged', async () => {
      await bench.openTopic(0);
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      const stats = () => bench.broker.stats(bench.topic, bench.subscription);
      expect(await stats()).toEqual({ backlog: 0, unackedCount: 0, drainingHashCount: 0 });
      const first = await bench.join('c1', 'key-shared');
      await bench.publish(keys.map((key) => `${key}:1`));
      const held: string[] = [];
      for (const _key of keys) held.push((await bench.receive(first)).messageId);
      await bench.join('c2', 'key-shared');
      await until('some hashes drain', async () => (await stats()).drainingHashCount > 0, deadlineMs);
      expect(await stats()).toMatchObject({ backlog: 20, unackedCount: 20 });
      for (const messageId of held) await first.ack(messageId);
      const isQuiet = async (): Promise<boolean> => Object.values(await stats()).every((count) => count === 0);
      await until('nothing is left and nothing is held', isQuiet, deadlineMs);
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
