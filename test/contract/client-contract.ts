/**
 * The contract of the Node client, in the client's own words: run on the drop-in of the kit, and on the native client over
 * a real Pulsar wherever it loads. A team's consumer relies on these and on nothing else.
 */
import type * as pulsar from 'pulsar-client';
import { until } from '../support/until';
import { describeMessages } from './client-contract-messages';

/** What both have. */
export type ClientLibrary = Pick<typeof pulsar, 'Client' | 'MessageId'>;

export interface ClientUnderTest {
  readonly library: ClientLibrary;
  readonly serviceUrl: string;
}

/** A client of its own and a topic of its own for each test. */
export class ClientBench {
  readonly #open: () => ClientUnderTest;
  #client: pulsar.Client | null = null;
  /** Closed before the client: one that outlives it keeps the process alive. */
  readonly #consumers: pulsar.Consumer[] = [];
  #topicCount = 0;
  topic = '';

  constructor(open: () => ClientUnderTest) {
    this.#open = open;
  }

  get library(): ClientLibrary {
    return this.#open().library;
  }

  get client(): pulsar.Client {
    this.#client ??= new this.library.Client({ serviceUrl: this.#open().serviceUrl, logLevel: 3 });
    return this.#client;
  }

  begin(): void {
    this.#topicCount += 1;
    this.topic = `client-contract-${process.pid}-${performance.timeOrigin.toFixed(0)}-${this.#topicCount}`;
  }

  async end(): Promise<void> {
    for (const consumer of this.#consumers.splice(0)) await consumer.close().catch(() => {});
    await this.#client?.close();
    this.#client = null;
  }

  async join(config: Partial<pulsar.ConsumerConfig> = {}): Promise<pulsar.Consumer> {
    const base = { topic: this.topic, subscription: 's', subscriptionInitialPosition: 'Earliest' } as const;
    const consumer = await this.client.subscribe({ ...base, ...config });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** `a:1` is published with the key a. Unbatched, so that each message is an entry. */
  async publish(...texts: readonly string[]): Promise<readonly pulsar.MessageId[]> {
    const producer = await this.client.createProducer({ topic: this.topic, batchingEnabled: false });
    const ids: pulsar.MessageId[] = [];
    for (const text of texts) {
      const [partitionKey = ''] = text.split(':');
      ids.push(await producer.send({ data: Buffer.from(text), partitionKey }));
    }
    await producer.close();
    return ids;
  }

  /** Receives so many and acknowledges none. */
  async take(consumer: pulsar.Consumer, count: number): Promise<pulsar.Message[]> {
    const messages: pulsar.Message[] = [];
    while (messages.length < count) messages.push(await consumer.receive());
    return messages;
  }
}

export function textOf(message: pulsar.Message): string {
  return message.getData().toString();
}

const ALL_TYPES = ['Exclusive', 'Failover', 'Shared', 'KeyShared'] as const;

export function describeClient(name: string, open: () => ClientUnderTest): void {
  describe(`the client ${name}`, () => {
    const bench = new ClientBench(open);
    beforeEach(() => bench.begin());
    afterEach(() => bench.end());
    describeMessages(bench);
    describeShapes(bench);
    describeAcknowledging(bench);
    describeClosing(bench);
  });
}

/** How consumers are written: a receive loop, a listener, batches. */
function describeShapes(bench: ClientBench): void {
  describe('a consumer', () => {
    it.each(ALL_TYPES)(
      'receives everything in the order of each key, one call after the other: %s',
      async (subscriptionType) => {
        const consumer = await bench.join({ subscriptionType });
        await bench.publish('a:1', 'b:1', 'a:2');
        const texts = (await bench.take(consumer, 3)).map(textOf);
        expect(texts.filter((text) => text.startsWith('a'))).toEqual(['a:1', 'a:2']);
      },
    );

    it('listens to one message after the other, and waits for what the listener returns', async () => {
      const seen: string[] = [];
      let running = 0;
      const listener = async (message: pulsar.Message, consumer: pulsar.Consumer) => {
        running += 1;
        seen.push(`${textOf(message)} at ${running}`);
        await new Promise(setImmediate);
        await consumer.acknowledge(message);
        running -= 1;
      };
      await bench.join({ subscriptionType: 'Shared', listener: (...given) => void listener(...given) });
      await bench.publish('a:1', 'a:2');
      await until('both are heard', () => seen.length === 2);
      expect(seen.map((text) => text.slice(0, 3))).toEqual(['a:1', 'a:2']);
    });

    it('goes on listening after a listener that failed', async () => {
      const seen: string[] = [];
      await bench.join({
        subscriptionType: 'Shared',
        listener: (message) => {
          seen.push(textOf(message));
          throw new Error('on purpose');
        },
      });
      await bench.publish('a:1', 'a:2');
      await until('both are heard', () => seen.length === 2);
    });

    it('takes batches: never more than the policy names, and none when its time is over', async () => {
      const batchReceivePolicy = { maxNumMessages: 2, timeoutMs: 300 };
      const consumer = await bench.join({ subscriptionType: 'KeyShared', batchReceivePolicy });
      await bench.publish('a:1', 'a:2', 'a:3');
      const texts: string[] = [];
      while (texts.length < 3) {
        const batch = await consumer.batchReceive();
        expect(batch.length).toBeLessThanOrEqual(2);
        texts.push(...batch.map(textOf));
      }
      expect(texts).toEqual(['a:1', 'a:2', 'a:3']);
      expect(await consumer.batchReceive()).toEqual([]);
    });

    it('gives up receiving when the time is over, and loses nothing by it', async () => {
      const consumer = await bench.join();
      await expect(consumer.receive(200)).rejects.toThrow('Failed to receive message: TimeOut');
      await bench.publish('a:1');
      expect(textOf(await consumer.receive(20_000))).toBe('a:1');
    });

    it('begins behind the latest message, unless it asks for the earliest', async () => {
      await bench.publish('a:1');
      const late = await bench.join({ subscription: 'late', subscriptionInitialPosition: 'Latest' });
      const early = await bench.join({ subscription: 'early' });
      await bench.publish('a:2');
      expect(textOf(await late.receive())).toBe('a:2');
      expect((await bench.take(early, 2)).map(textOf)).toEqual(['a:1', 'a:2']);
    });

    it('listens to several topics', async () => {
      const first = bench.topic;
      bench.begin();
      const topics = [first, bench.topic];
      const consumer = await bench.client.subscribe({
        topics,
        subscription: 's',
        subscriptionInitialPosition: 'Earliest',
      });
      await bench.publish('a:1');
      const message = await consumer.receive();
      expect(message.getTopicName()).toBe(`persistent://public/default/${bench.topic}`);
      await consumer.acknowledge(message);
      await consumer.close();
    });

    it('shares keys on KeyShared: each has one owner', async () => {
      const consumers = [
        await bench.join({ subscriptionType: 'KeyShared' }),
        await bench.join({ subscriptionType: 'KeyShared' }),
      ];
      const owners = new Map<string, Set<number>>();
      let count = 0;
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      for (const [index, consumer] of consumers.entries()) void collect(consumer, index);
      await bench.publish(...keys.map((key) => `${key}:1`), ...keys.map((key) => `${key}:2`));
      await until('all are received', () => count === 2 * keys.length);
      expect([...owners.values()].every(({ size }) => size === 1)).toBe(true);
      expect(new Set([...owners.values()].flatMap((each) => [...each])).size).toBe(2);

      async function collect(consumer: pulsar.Consumer, index: number): Promise<void> {
        for (;;) {
          const message = await consumer.receive().catch(() => null);
          if (message === null) return;
          const key = message.getPartitionKey();
          owners.set(key, (owners.get(key) ?? new Set()).add(index));
          count += 1;
          await consumer.acknowledge(message).catch(() => {});
        }
      }
    });

    it('is refused beside an exclusive one', async () => {
      await bench.join({ subscriptionType: 'Exclusive' });
      await expect(bench.join({ subscriptionType: 'Exclusive' })).rejects.toThrow(
        'Failed to create consumer: ConsumerBusy',
      );
    });
  });
}

function describeAcknowledging(bench: ClientBench): void {
  describe('what is', () => {
    it('acknowledged does not come again; what is not goes to the next consumer', async () => {
      const first = await bench.join({ subscriptionType: 'Shared' });
      await bench.publish('a:1', 'a:2', 'a:3');
      const [, second] = await bench.take(first, 3);
      if (second === undefined) throw new Error('three were taken');
      expect(await first.acknowledge(second)).toBeNull();
      await first.close();
      const next = await bench.join({ subscriptionType: 'Shared' });
      expect((await bench.take(next, 2)).map(textOf)).toEqual(['a:1', 'a:3']);
    });

    it('negatively acknowledged comes again, and is counted', async () => {
      const consumer = await bench.join({ subscriptionType: 'Shared', nAckRedeliverTimeoutMs: 100 });
      await bench.publish('a:1');
      const message = await consumer.receive();
      expect(message.getRedeliveryCount()).toBe(0);
      consumer.negativeAcknowledge(message);
      const again = await consumer.receive();
      expect([textOf(again), again.getRedeliveryCount()]).toEqual(['a:1', 1]);
      expect(again.getMessageId().toString()).toBe(message.getMessageId().toString());
    });

    it('acknowledged by its id is acknowledged, wherever the id comes from', async () => {
      const consumer = await bench.join({ subscriptionType: 'Shared' });
      const [id] = await bench.publish('a:1', 'a:2');
      await bench.take(consumer, 2);
      if (id === undefined) throw new Error('two were published');
      await consumer.acknowledgeId(bench.library.MessageId.deserialize(id.serialize()));
      await consumer.close();
      const next = await bench.join({ subscriptionType: 'Shared' });
      expect(textOf(await next.receive())).toBe('a:2');
    });

    it.each(['Exclusive', 'Failover'] as const)(
      'acknowledged cumulatively covers all before: %s',
      async (subscriptionType) => {
        const consumer = await bench.join({ subscriptionType });
        await bench.publish('a:1', 'b:1', 'a:2');
        const [, second] = await bench.take(consumer, 3);
        if (second === undefined) throw new Error('three were taken');
        await consumer.acknowledgeCumulative(second);
        await consumer.close();
        expect(textOf(await (await bench.join({ subscriptionType })).receive())).toBe('a:2');
      },
    );

    it('shared cannot be acknowledged cumulatively', async () => {
      const consumer = await bench.join({ subscriptionType: 'KeyShared' });
      await bench.publish('a:1');
      const attempt = consumer.acknowledgeCumulative(await consumer.receive());
      await expect(attempt).rejects.toThrow('ResultCumulativeAcknowledgementNotAllowedError');
    });

    it('behind the place that is sought comes again, acknowledged or not', async () => {
      const consumer = await bench.join();
      const [, second] = await bench.publish('a:1', 'a:2', 'a:3');
      if (second === undefined) throw new Error('three were published');
      for (const message of await bench.take(consumer, 3)) await consumer.acknowledge(message);
      expect(await consumer.seek(bench.library.MessageId.earliest())).toBeNull();
      expect((await bench.take(consumer, 3)).map(textOf)).toEqual(['a:1', 'a:2', 'a:3']);
      await consumer.seek(second);
      expect(textOf(await consumer.receive())).toBe('a:3');
      await consumer.seekTimestamp(0);
      expect(textOf(await consumer.receive())).toBe('a:1');
    });

    it('given back too often goes to the dead letters, with its key', async () => {
      const deadLetterTopic = `${bench.topic}-dead`;
      const options = { subscriptionType: 'Shared', nAckRedeliverTimeoutMs: 100 } as const;
      const dead = await bench.join({ topic: deadLetterTopic });
      const consumer = await bench.join({ ...options, deadLetterPolicy: { deadLetterTopic, maxRedeliverCount: 1 } });
      await bench.publish('a:1');
      for (const _ of [1, 2]) consumer.negativeAcknowledge(await consumer.receive());
      const letter = await dead.receive();
      expect([textOf(letter), letter.getPartitionKey()]).toEqual(['a:1', 'a']);
    });
  });
}

function describeClosing(bench: ClientBench): void {
  describe('what is closed', () => {
    it('receives no more: a call that waits is refused, and so is a later one', async () => {
      const consumer = await bench.join();
      const waiting = consumer.receive();
      const refused = expect(waiting).rejects.toThrow('Failed to receive message: AlreadyClosed');
      await consumer.close();
      await refused;
      expect(consumer.isConnected()).toBe(false);
      await expect(consumer.receive()).rejects.toThrow('Failed to receive message: AlreadyClosed');
    });

    it('acknowledges and sends no more', async () => {
      const consumer = await bench.join();
      await bench.publish('a:1');
      const message = await consumer.receive();
      await consumer.close();
      await expect(consumer.acknowledge(message)).rejects.toThrow('Failed to acknowledge: AlreadyClosed');
      const producer = await bench.client.createProducer({ topic: bench.topic });
      await producer.close();
      await expect(producer.send({ data: Buffer.from('') })).rejects.toThrow('Failed to send message: AlreadyClosed');
    });

    it('unsubscribed forgets what it had acknowledged', async () => {
      const consumer = await bench.join();
      await bench.publish('a:1');
      await consumer.acknowledge(await consumer.receive());
      expect(await consumer.unsubscribe()).toBeNull();
      expect(textOf(await (await bench.join()).receive())).toBe('a:1');
    });
  });
}
