/** The contract of the Node client, continued: messages, their ids, producers and readers. */
import type { ClientBench } from './client-contract';

export function describeMessages(bench: ClientBench): void {
  describeGetters(bench);
  describeProducer(bench);
  describeReader(bench);
}

function describeGetters(bench: ClientBench): void {
  describe('a message', () => {
    it('tells what it was sent with', async () => {
      const consumer = await bench.join();
      const producer = await bench.client.createProducer({
        topic: bench.topic,
        producerName: `p-${bench.topic}`,
        batchingEnabled: false,
      });
      const sentAtMs = Date.now();
      const id = await producer.send({
        data: Buffer.from('text'),
        properties: { color: 'red' },
        partitionKey: 'key',
        orderingKey: 'order',
        eventTimestamp: 123,
      });
      const message = await consumer.receive();
      expect(message.getData()).toEqual(Buffer.from('text'));
      expect({ ...message.getProperties() }).toEqual({ color: 'red' });
      expect(Array.isArray(message.getProperties())).toBe(true);
      expect([message.getPartitionKey(), message.getOrderingKey(), message.getEventTimestamp()]).toEqual([
        'key',
        'order',
        123,
      ]);
      expect([message.getProducerName(), message.isReplicated()]).toEqual([`p-${bench.topic}`, false]);
      expect(message.getTopicName()).toBe(`persistent://public/default/${bench.topic}`);
      expect(Math.abs(message.getPublishTimestamp() - sentAtMs)).toBeLessThan(60_000);
      expect(message.getMessageId().toString()).toBe(id.toString());
      expect(id.toString()).toMatch(/^\(\d+,\d+,-1,-1\)$/);
    });

    it('has empty texts and zeros where it was sent with nothing', async () => {
      const consumer = await bench.join();
      const producer = await bench.client.createProducer({ topic: bench.topic, batchingEnabled: false });
      await producer.send({ data: Buffer.from('') });
      const message = await consumer.receive();
      expect([message.getPartitionKey(), message.getOrderingKey(), message.getEventTimestamp()]).toEqual(['', '', 0]);
      expect({ ...message.getProperties() }).toEqual({});
      expect(message.getData()).toHaveLength(0);
    });

    it('has an id that survives bytes', async () => {
      const [first, second] = await bench.publish('a:1', 'a:2');
      const { MessageId } = bench.library;
      if (first === undefined || second === undefined) throw new Error('two were published');
      expect(MessageId.deserialize(first.serialize()).toString()).toBe(first.toString());
      expect(first.toString()).not.toBe(second.toString());
    });
  });
}

function describeProducer(bench: ClientBench): void {
  describe('a producer', () => {
    it('sends what is no buffer empty, and cuts texts at a zero character', async () => {
      const consumer = await bench.join();
      const producer = await bench.client.createProducer({ topic: bench.topic, batchingEnabled: false });
      await producer.send({ data: 'text' as unknown as Buffer, partitionKey: 'a\0b', properties: { 'c\0d': 'e\0f' } });
      const message = await consumer.receive();
      expect(message.getData()).toHaveLength(0);
      expect(message.getPartitionKey()).toBe('a');
      expect({ ...message.getProperties() }).toEqual({ c: 'e' });
    });

    it('has its name alone, on its topic', async () => {
      const config = { topic: bench.topic, producerName: `p-${bench.topic}` };
      const first = await bench.client.createProducer(config);
      expect([first.getProducerName(), first.isConnected()]).toEqual([config.producerName, true]);
      expect(first.getTopic()).toBe(`persistent://public/default/${bench.topic}`);
      await expect(bench.client.createProducer(config)).rejects.toThrow('Failed to create producer: ProducerBusy');
      await first.close();
      await bench.client.createProducer(config);
    });

    it('of a plain topic finds one partition', async () => {
      await bench.publish('a:1');
      const partitions = await bench.client.getPartitionsForTopic(bench.topic);
      expect(partitions).toEqual([`persistent://public/default/${bench.topic}`]);
    });
  });
}

function describeReader(bench: ClientBench): void {
  describe('a reader', () => {
    it('reads from the earliest message, without a subscription of anybody', async () => {
      await bench.publish('a:1', 'a:2');
      const startMessageId = bench.library.MessageId.earliest();
      const reader = await bench.client.createReader({ topic: bench.topic, startMessageId });
      expect(reader.hasNext()).toBe(true);
      const texts = [await reader.readNext(), await reader.readNext()].map((message) => message.getData().toString());
      expect(texts).toEqual(['a:1', 'a:2']);
      expect(reader.hasNext()).toBe(false);
      await reader.close();
    });

    it('reads again from the place that is sought', async () => {
      const [first] = await bench.publish('a:1', 'a:2');
      if (first === undefined) throw new Error('two were published');
      const reader = await bench.client.createReader({ topic: bench.topic, startMessageId: first });
      await reader.readNext();
      await reader.seek(bench.library.MessageId.earliest());
      expect((await reader.readNext()).getData().toString()).toBe('a:1');
      await reader.close();
    });

    it('reads on behind the message that it is given', async () => {
      const [first] = await bench.publish('a:1', 'a:2');
      if (first === undefined) throw new Error('two were published');
      const reader = await bench.client.createReader({ topic: bench.topic, startMessageId: first });
      expect((await reader.readNext()).getData().toString()).toBe('a:2');
      await reader.close();
    });
  });
}
