/** The suite of the WebSocket API: what consumers and readers get, and what their frames do. */
import { until } from '../support/until';
import { type ApiBench, numbersOf } from './api-bench';

export function describePushes(bench: ApiBench): void {
  describe('in push mode', () => {
    it.each([
      [0, 1],
      [1, 1],
      [3, 3],
    ])('with a queue of %i a consumer gets %i messages until it answers one', async (queueSize, pushCount) => {
      const ids = await bench.publish(5);
      const consumer = await bench.connect('consumer', `t/s?receiverQueueSize=${queueSize}`);
      expect(numbersOf(await consumer.pushes(pushCount))).toEqual([0, 1, 2].slice(0, pushCount));
      consumer.send({ messageId: ids[0] });
      expect(numbersOf(await consumer.pushes(pushCount + 1))).toEqual([0, 1, 2, 3].slice(0, pushCount + 1));
    });

    it('a message acknowledged twice opens two slots', async () => {
      const ids = await bench.publish(5);
      const consumer = await bench.connect('consumer', 't/s?receiverQueueSize=1');
      await consumer.pushes(1);
      for (const _time of [1, 2]) consumer.send({ messageId: ids[0] });
      expect(numbersOf(await consumer.pushes(3))).toEqual([0, 1, 2]);
    });

    it('a negative acknowledgement opens a slot too, and the message comes again, counted, under the same id', async () => {
      const ids = await bench.publish(1);
      const consumer = await bench.connect(
        'consumer',
        't/s?subscriptionType=Shared&receiverQueueSize=1&negativeAckRedeliveryDelay=100',
      );
      await consumer.pushes(1);
      consumer.send({ type: 'negativeAcknowledge', messageId: ids[0] });
      const pushes = await consumer.pushes(2);
      expect(pushes.map(({ messageId, redeliveryCount }) => [messageId, redeliveryCount])).toEqual([
        [ids[0], 0],
        [ids[0], 1],
      ]);
    });

    it('an acknowledgement lowers the backlog; on a plain topic through any socket', async () => {
      const ids = await bench.publish(2);
      const consumer = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      const other = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      await until('both messages', () => consumer.frames.length + other.frames.length === 2);
      consumer.send({ messageId: ids[0] });
      consumer.send({ messageId: ids[1] });
      await until('the backlog is 0', async () => (await bench.backlog()) === 0);
    });

    it('an unload brings back what was not acknowledged, over the same socket', async () => {
      const ids = await bench.publish(3);
      const consumer = await bench.connect('consumer', 't/s?receiverQueueSize=10');
      await consumer.pushes(3);
      consumer.send({ messageId: ids[0] });
      await until('the backlog is 2', async () => (await bench.backlog()) === 2);
      expect(await bench.admin('PUT', `/persistent/${bench.namespace}/t/unload`)).toBe(204);
      const pushes = await consumer.pushes(5);
      expect(numbersOf(pushes)).toEqual([0, 1, 2, 1, 2]);
      expect(pushes.map(({ redeliveryCount }) => redeliveryCount)).toEqual([0, 0, 0, 0, 0]);
    });

    it('a message that is not acknowledged in time comes again, counted', async () => {
      await bench.publish(1);
      const query = 'subscriptionType=Shared&receiverQueueSize=10&ackTimeoutMillis=1000';
      const consumer = await bench.connect('consumer', `t/s?${query}`);
      expect((await consumer.pushes(2)).map(({ redeliveryCount }) => redeliveryCount)).toEqual([0, 1]);
    });

    it('a message that came too often goes to the dead letter topic, with where it came from', async () => {
      const topic = `persistent://${bench.namespace}/dead`;
      const letters = await bench.connect('consumer', 'dead/all?subscriptionInitialPosition=Earliest');
      const [messageId] = await bench.publish(1);
      const policy = `maxRedeliverCount=1&deadLetterTopic=${encodeURIComponent(topic)}`;
      const query = `subscriptionType=Shared&receiverQueueSize=10&negativeAckRedeliveryDelay=100&${policy}`;
      const consumer = await bench.connect('consumer', `t/s?${query}`);
      for (const count of [1, 2]) {
        await consumer.pushes(count);
        consumer.send({ type: 'negativeAcknowledge', messageId });
      }
      const [letter] = await letters.pushes(1);
      const properties = { REAL_TOPIC: `persistent://${bench.namespace}/t`, REAL_SUBSCRIPTION: 's' };
      expect(letter).toMatchObject({ key: 'k0', payload: 'MA==', redeliveryCount: 0, properties });
      await until('the backlog is 0', async () => (await bench.backlog()) === 0);
    });

    it('whoever has the lowest priority level is served first', async () => {
      const query = 'subscriptionType=Shared&receiverQueueSize=5';
      const second = await bench.connect('consumer', `t/s?${query}&priorityLevel=1`);
      const first = await bench.connect('consumer', `t/s?${query}`);
      await bench.publish(3);
      expect(await first.pushes(3)).toHaveLength(3);
      expect(second.frames).toEqual([]);
    });

    it('what a dead consumer held goes to the next, with the count of before', async () => {
      await bench.publish(3);
      const first = await bench.connect('consumer', 't/s?subscriptionType=Key_Shared');
      await first.pushes(3);
      await first.end();
      const second = await bench.connect('consumer', 't/s?subscriptionType=Key_Shared');
      const pushes = await second.pushes(3);
      expect(numbersOf(pushes)).toEqual([0, 1, 2]);
      expect(pushes.map(({ redeliveryCount }) => redeliveryCount)).toEqual([0, 0, 0]);
    });
  });
}

export function describePullMode(bench: ApiBench): void {
  describe('in pull mode', () => {
    it.each([
      ['adds permits up', [{ permitMessages: 1 }, { permitMessages: 2 }], 3],
      ['reads a number in a text', [{ permitMessages: '2' }], 2],
      ['cuts a fraction', [{ permitMessages: 2.7 }], 2],
      ['pushes one for a permit of 0', [{ permitMessages: 0 }], 1],
      ['ignores a permit without a number', [{}, { permitMessages: 1 }], 1],
      ['ignores a number that is none', [{ permitMessages: 99_999_999_999 }, { permitMessages: 1 }], 1],
    ])('a consumer %s', async (_, permits, count) => {
      await bench.publish(5);
      const consumer = await bench.connect('consumer', 't/s?pullMode=true&receiverQueueSize=2');
      for (const permit of permits) consumer.send({ type: 'permit', ...permit });
      expect(numbersOf(await consumer.pushes(count))).toEqual([0, 1, 2].slice(0, count));
    });

    it('an acknowledgement is no permit', async () => {
      const ids = await bench.publish(3);
      const consumer = await bench.connect('consumer', 't/s?pullMode=true');
      consumer.send({ type: 'permit', permitMessages: 1 });
      await consumer.pushes(1);
      consumer.send({ messageId: ids[0] });
      await until('the backlog is 2', async () => (await bench.backlog()) === 2);
      expect(numbersOf(await consumer.pushes(1))).toEqual([0]);
    });
  });
}

export function describeCommands(bench: ApiBench): void {
  describe('a command', () => {
    it.each(['nojson', '[]', '5', '{"messageId":"AAAA"}', '{"type":"permit","permitMessages":"x"}'])(
      'that is none is ignored: %s',
      async (text) => {
        const consumer = await bench.connect('consumer', 't/s');
        consumer.sendText(text);
        await bench.publish(1);
        expect(await consumer.pushes(1)).toHaveLength(1);
      },
    );

    it.each([
      'null',
      '{}',
      '{"type":"foo"}',
      '{"type":"negativeAcknowledge"}',
      '{"messageId":"***"}',
      '{"messageId":5}',
    ])('without an id closes the socket with 1011: %s', async (text) => {
      const consumer = await bench.connect('consumer', 't/s');
      consumer.sendText(text);
      await until('it is closed', () => consumer.closed !== null);
      expect(consumer.closed?.code).toBe(1011);
    });

    it('that unsubscribes gets no reply: the subscription is gone, and the socket stays open', async () => {
      await bench.publish(1);
      const consumer = await bench.connect('consumer', 't/s');
      await consumer.pushes(1);
      consumer.send({ type: 'unsubscribe' });
      await until('the subscription is gone', async () => (await bench.backlog()) === -1);
      consumer.send({ type: 'isEndOfTopic' });
      await until('an answer', () => consumer.frames.length === 2);
      expect(consumer.closed).toBeNull();
    });

    it('that unsubscribes from a subscription that it shares changes nothing', async () => {
      const [messageId] = await bench.publish(1);
      const consumer = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      await consumer.pushes(1);
      const other = await bench.connect('consumer', 't/s?subscriptionType=Shared');
      consumer.send({ type: 'unsubscribe' });
      other.send({ messageId });
      await until('the backlog is 0', async () => (await bench.backlog()) === 0);
      expect(consumer.closed).toBeNull();
    });

    it('of a type that nobody knows is an acknowledgement when it names a message', async () => {
      const [messageId] = await bench.publish(1);
      const consumer = await bench.connect('consumer', 't/s');
      await consumer.pushes(1);
      consumer.send({ type: 'foo', messageId });
      await until('the backlog is 0', async () => (await bench.backlog()) === 0);
    });
  });
}

export function describeReader(bench: ApiBench): void {
  describe('a reader', () => {
    it('gets everything from the earliest and then what comes, one slot an answer', async () => {
      const ids = await bench.publish(3);
      const reader = await bench.connect('reader', 't?messageId=earliest&receiverQueueSize=2');
      expect(numbersOf(await reader.pushes(2))).toEqual([0, 1]);
      reader.send({ messageId: ids[0] });
      expect(numbersOf(await reader.pushes(3))).toEqual([0, 1, 2]);
      reader.send({ messageId: ids[1] });
      await bench.publish(1);
      expect(numbersOf(await reader.pushes(4))).toEqual([0, 1, 2, 0]);
    });

    it('reads all partitions of a topic', async () => {
      await bench.admin('PUT', `/persistent/${bench.namespace}/p/partitions`, 3);
      await bench.publish(9, 'p');
      const reader = await bench.connect('reader', 'p?messageId=earliest');
      expect(new Set(numbersOf(await reader.pushes(9)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
    });

    it('begins behind the message that it names, and at the latest when it names none', async () => {
      const ids = await bench.publish(3);
      const behind = await bench.connect('reader', `t?messageId=${encodeURIComponent(ids[1] ?? '')}`);
      const latest = await bench.connect('reader', 't');
      expect(numbersOf(await behind.pushes(1))).toEqual([2]);
      await bench.publish(1);
      expect(numbersOf(await latest.pushes(1))).toEqual([0]);
    });
  });
}
