/** The Broker port's contract: consumers beside each other, and consumers that leave. */
import type { Delivery } from '../../shared/model/message';
import type { BrokerBench } from './broker-bench';
import { type BrokerPromises, COMPETING, TYPES, typesThat } from './broker-promises';

export function describeCompetition(bench: BrokerBench, promises: BrokerPromises): void {
  describe('a second consumer', () => {
    it.each(typesThat(promises, 'secondConsumer', 'refused'))(
      'is refused while the first is there: %s',
      async (type) => {
        await bench.openTopic(0);
        const first = await bench.join('c1', type);
        await expect(bench.join('c2', type)).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
        await first.close();
        const second = await bench.join('c2', type);
        await bench.publish(['a:1']);
        expect(await bench.take(second, 1)).toEqual(['a:1']);
      },
    );

    it('is refused when it asks for another type', async () => {
      await bench.openTopic(0);
      await bench.join('c1', 'shared');
      await expect(bench.join('c2', 'key-shared')).rejects.toMatchObject({ code: 'CONSUMER_BUSY' });
    });

    it.each(typesThat(promises, 'secondConsumer', 'stands-by'))(
      'gets nothing of a partition that another is served: %s',
      async (type) => {
        await bench.openTopic(0);
        const consumers = [await bench.join('c1', type), await bench.join('c2', type), await bench.join('c3', type)];
        const collected = bench.collect(consumers);
        await bench.publish(Array.from({ length: 30 }, (_, index) => `k${index % 7}:${index}`));
        await collected.untilDistinct(30);
        expect(new Set(collected.consumerIndices()).size).toBe(1);
      },
    );

    it.each(typesThat(promises, 'secondConsumer', 'shares'))('shares the work: %s', async (type) => {
      await bench.openTopic(0);
      const collected = bench.collect([await bench.join('c1', type, 5), await bench.join('c2', type, 5)]);
      await bench.publish(Array.from({ length: 60 }, (_, index) => `k${index % 20}:${index}`));
      await collected.untilDistinct(60);
      expect(new Set(collected.consumerIndices()).size).toBe(2);
    });

    it.each(typesThat(promises, 'orderWithin', 'key'))(
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

export function describeLeaving(bench: BrokerBench, promises: BrokerPromises): void {
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
      /** Nothing that could be overtaken is under way. */
      if (type === 'failover' && promises.readsAheadAtTakeOver) await bench.untilDrained();
      else await collected.untilDistinct(20);
      await bench.leaveNow(consumers[0], collected, promises.severs);
      await bench.publish(texts.slice(50, 70));
      /** The take-over is complete: one that meets another leaves a partition of 4.2.4 standing, or served out of order. */
      await collected.untilDistinct(70);
      await bench.untilDrained();
      collected.add(await bench.join('c3', type, 5));
      await bench.publish(texts.slice(70));
      await collected.untilDistinct(100);
      await bench.untilDrained();
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
