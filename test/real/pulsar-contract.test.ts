/** The contract of the Broker port over a real Pulsar, through its WebSocket API. */
import { setTimeout as pause } from 'node:timers/promises';
import { openPulsarWebSocket, type PulsarWebSocketBroker } from '../../shared/adapters/pulsar-websocket';
import type { SubscribeOptions } from '../../shared/model/subscription';
import type { Broker, Consumer } from '../../shared/ports';
import { describeBroker } from '../contract/broker-contract';
import { type BrokerPromises, PULSAR_TYPES } from '../contract/broker-promises';
import { describePulsar } from '../support/pulsar-broker';

const promises: BrokerPromises = {
  types: PULSAR_TYPES,
  countsRedeliveries: true,
  acksAtOnce: false,
  looksUpTailAtOnce: false,
  readsAheadAtTakeOver: true,
  severs: true,
  fetchesPerReceive: true,
  deadlineMs: 30_000,
};

const NAMESPACE = `orderlab/contract-${process.pid}`;
const POLL_MS = 20;

/** The broker notices the death of a connection soon, not at once: the test waits, as whoever replaces a process does. */
function witnessed(broker: PulsarWebSocketBroker) {
  const joined = new Map<Consumer, SubscribeOptions>();
  const subscribe = async (options: SubscribeOptions): Promise<Consumer> => {
    const consumer = await broker.subscribe(options);
    joined.set(consumer, options);
    return consumer;
  };
  const isThere = async ({ topic, subscription, consumerName }: SubscribeOptions): Promise<boolean> => {
    const path = `${NAMESPACE}/${topic}`;
    const partitionCount = (await broker.admin.partitionCount(path)) ?? 0;
    const stats = await broker.admin.subscriptionStats(path, partitionCount, subscription);
    return stats?.some(({ consumers }) => consumers.some((each) => each.consumerName === consumerName)) === true;
  };
  const sever = async (consumer: Consumer): Promise<void> => {
    broker.severConsumer(consumer);
    const options = joined.get(consumer);
    while (options !== undefined && (await isThere(options))) await pause(POLL_MS);
  };
  const port: Broker = {
    createTopic: (topic, partitionCount) => broker.createTopic(topic, partitionCount),
    createSubscription: (topic, subscription) => broker.createSubscription(topic, subscription),
    createProducer: (topic, producerName) => broker.createProducer(topic, producerName),
    readLog: (topic, after) => broker.readLog(topic, after),
    stats: (topic, subscription) => broker.stats(topic, subscription),
    close: () => broker.close(),
    subscribe,
  };
  return { broker: port, sever };
}

describePulsar('the contract', (broker) => {
  const open = () => openPulsarWebSocket({ url: broker().url, namespace: NAMESPACE, negativeAckDelayMs: 300 });
  afterAll(async () => {
    const opened = await open();
    await opened.admin.deleteNamespace(NAMESPACE);
    await opened.close();
  });

  describeBroker('over WebSocket', async () => witnessed(await open()), promises);
});
