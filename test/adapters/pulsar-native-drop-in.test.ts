/**
 * The adapter of pulsar:// over the drop-in client of the kit: what it does with a whole client around it, on a machine
 * that has no native one. The same over a real Pulsar stands in test/real/pulsar-native-contract.test.ts.
 */
import dropIn = require('../../lab/testing/client/pulsar-client');

import { Cluster } from '../../lab/testing/client/cluster';
import { place } from '../../lab/testing/client/place';
import { PulsarNativeConsumer } from '../../shared/adapters/pulsar-native-consumer';
import type { NativeConsumer, NativeLibrary } from '../../shared/adapters/pulsar-native-library';
import { PulsarNativeProducer } from '../../shared/adapters/pulsar-native-producer';
import { readNativePartition } from '../../shared/adapters/pulsar-native-reader';
import type { Delivery } from '../../shared/model/message';

const library = dropIn as unknown as NativeLibrary;
const TOPIC = 'persistent://public/default/t';

let client: InstanceType<typeof dropIn.Client>;
beforeEach(() => {
  place().cluster = new Cluster();
  client = new dropIn.Client({ serviceUrl: 'pulsar://localhost:6650' });
});
afterEach(() => client.close());

async function producer(): Promise<PulsarNativeProducer> {
  const native = await client.createProducer({ topic: TOPIC, producerName: 'p' });
  return new PulsarNativeProducer(native, {
    what: 'producer p',
    url: 'pulsar://here',
    topic: 't',
    sendDeadlineMs: 5_000,
  });
}

/** One lane per partition, each under the partition's own name, as the adapter opens them. */
async function consumer(
  name: string,
  partitions: readonly number[] = [-1],
  aheadCount = 0,
): Promise<PulsarNativeConsumer> {
  const lanes: { partition: number; native: NativeConsumer }[] = [];
  for (const partition of partitions) {
    const topic = partition === -1 ? TOPIC : `${TOPIC}-partition-${partition}`;
    const options = { subscription: 's', subscriptionType: 'KeyShared', subscriptionInitialPosition: 'Earliest' };
    const batchReceivePolicy = { maxNumMessages: Math.max(aheadCount, 1), timeoutMs: 1 };
    const native = await client.subscribe({
      topic,
      ...options,
      consumerName: name,
      nAckRedeliverTimeoutMs: 100,
      batchReceivePolicy,
    });
    lanes.push({ partition, native: native as unknown as NativeConsumer });
  }
  const request = { what: `consumer ${name}`, url: 'pulsar://here', deadlineMs: 5_000, topic: 't', subscription: 's' };
  return new PulsarNativeConsumer({
    library,
    consumerName: name,
    request,
    lanes,
    aheadCount,
    reconnectDeadlineMs: 60_000,
  });
}

async function publish(to: PulsarNativeProducer, ...texts: readonly string[]): Promise<readonly string[]> {
  const sends = texts.map((text) => to.send({ key: text.charAt(0), payload: Buffer.from(text), properties: { text } }));
  return Promise.all(sends);
}

async function take(from: PulsarNativeConsumer, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < count) {
    const delivery = await from.receive();
    if (delivery !== null) deliveries.push(delivery);
  }
  return deliveries;
}

const textsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ properties }) => String(properties.text));

it('hands over what was sent, under the id that the producer got, in order', async () => {
  const ids = await publish(await producer(), 'a1', 'a2', 'b1');
  const deliveries = await take(await consumer('c1'), 3);
  expect(deliveries.map(({ messageId }) => messageId)).toEqual(ids);
  expect(textsOf(deliveries)).toEqual(['a1', 'a2', 'b1']);
  expect(deliveries[0]).toMatchObject({ key: 'a', partition: -1, redeliveryCount: 0, payload: Buffer.from('a1') });
});

it('fetches in batches where its queue is large, and keeps the order', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `a${index}`);
  await publish(await producer(), ...texts);
  expect(textsOf(await take(await consumer('c1', [-1], 16), 40))).toEqual(texts);
});

it('serves the partitions of a topic, each under its own name', async () => {
  await place().cluster.ensureTopic(TOPIC, 3);
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const from = await consumer('c1', [0, 1, 2]);
  await publish(await producer(), ...keys.map((key) => `${key}1`));
  const deliveries = await take(from, keys.length);
  expect(textsOf(deliveries).sort()).toEqual(keys.map((key) => `${key}1`));
  expect(new Set(deliveries.map(({ partition }) => partition)).size).toBeGreaterThan(1);
});

it('takes anybody’s acknowledgement, and gives what is left to the next when it closes', async () => {
  const ids = await publish(await producer(), 'a1', 'a2');
  const holder = await consumer('c1');
  await take(holder, 2);
  const other = await consumer('c2');
  await other.ack(ids[0] ?? '');
  await holder.close();
  expect(textsOf(await take(other, 1))).toEqual(['a2']);
  expect(await holder.receive()).toBeNull();
});

it('brings a message back that was given back, and counts it', async () => {
  await publish(await producer(), 'a1');
  const from = await consumer('c1');
  const [delivery] = await take(from, 1);
  await from.nack(delivery?.messageId ?? '');
  expect(await take(from, 1)).toMatchObject([{ redeliveryCount: 1, messageId: delivery?.messageId }]);
});

it('is gone without a word when it is severed', async () => {
  await publish(await producer(), 'a1');
  const from = await consumer('c1');
  await take(from, 1);
  await from.sever();
  expect(textsOf(await take(await consumer('c2'), 1))).toEqual(['a1']);
});

it('says of a send after the close that it was not made', async () => {
  const to = await producer();
  await to.close();
  await expect(publish(to, 'a1')).rejects.toMatchObject({ code: 'PORT_CLOSED' });
});

it('reads the log up to its tail, through a listening reader', async () => {
  const ids = await publish(await producer(), 'a1', 'b1', 'a2');
  const [ledgerId = 0, tail = 0] = (ids.at(-1) ?? '').split(':').map(Number);
  const request = { what: 'reader', url: 'pulsar://here', deadlineMs: 5_000, topic: 't', sinceMs: 0 };
  const first = { position: 0, place: { ledgerId, entryId: 0 }, before: null };
  const options = {
    library,
    client: client as never,
    partition: -1,
    address: TOPIC,
    tail: { ledgerId, entryId: tail },
  };
  const texts: (string | undefined)[] = [];
  for await (const { entry } of readNativePartition({ ...options, first, request })) texts.push(entry.properties.text);
  expect(texts).toEqual(['a1', 'b1', 'a2']);
});
