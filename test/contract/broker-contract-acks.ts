/** The Broker port's contract: what acknowledgements, positive and negative, do. */
import type { Delivery } from '../../shared/model/message';
import type { BrokerBench } from './broker-bench';
import { type BrokerPromises, TYPES, typesThat } from './broker-promises';

export function describeAck(bench: BrokerBench, promises: BrokerPromises): void {
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

    it.each(typesThat(promises, 'secondConsumer', 'shares'))('counts whoever holds the message: %s', async (type) => {
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
    });

    it.each(TYPES)('keeps a message away from every later consumer: %s', async (type) => {
      await bench.openTopic(2);
      const texts = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((key) => [`${key}:1`, `${key}:2`]);
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

export function describeNack(bench: BrokerBench, promises: BrokerPromises): void {
  describe('a negative acknowledgement', () => {
    it.each(typesThat(promises, 'nack', 'overtaken'))(
      'brings one message back behind the later ones of its key: %s',
      async (type) => {
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
      },
    );

    it.each(typesThat(promises, 'nack', 'rewound'))(
      'brings everything unacknowledged back, in order: %s',
      async (type) => {
        await bench.openTopic(0);
        const consumer = await bench.join('c1', type);
        await bench.publish(['a:1', 'a:2', 'a:3']);
        const [first, second] = [await bench.receive(consumer), await bench.receive(consumer)];
        expect(await bench.take(consumer, 1)).toEqual(['a:3']);
        await consumer.ack(first.messageId);
        await consumer.nack(second.messageId);
        expect(await bench.take(consumer, 2)).toEqual(['a:2', 'a:3']);
      },
    );

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
