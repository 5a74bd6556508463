/** The contract of the Broker port over a real Pulsar, through its native client. */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openPulsarNative } from '../../shared/adapters/pulsar-native';
import { describeBroker } from '../contract/broker-contract';
import { type BrokerPromises, PULSAR_TYPES } from '../contract/broker-promises';
import { describeNative } from '../support/pulsar-native';

/** Acknowledgements are known to the broker about 100 ms after they are promised: they travel in groups. */
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

const NAMESPACE = `orderlab/native-contract-${process.pid}`;

describeNative('the contract', (addresses) => {
  const open = () => openPulsarNative({ ...addresses(), namespace: NAMESPACE, negativeAckDelayMs: 300 });
  afterAll(async () => {
    const broker = await open();
    await broker.close();
    await broker.admin.deleteNamespace(NAMESPACE);
  });

  it('a producer works on when nobody refers to its broker any more, as in a process that only publishes', async () => {
    const { producer, reference } = await producerOf('forgotten');
    await turn();
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    const broker = reference.deref();
    expect(broker).toBeDefined();
    const message = { key: 'a', payload: new Uint8Array([1]), properties: {} };
    expect(await producer.send(message)).toMatch(/^\d+:\d+:-1$/);
    await broker?.close();
  });

  /** The broker is known to nobody but the collector. */
  async function producerOf(topic: string) {
    const broker = await open();
    await broker.createTopic(topic, 0);
    return { producer: await broker.createProducer(topic, 'p'), reference: new WeakRef(broker) };
  }

  describeBroker(
    'over the native client',
    async () => {
      const broker = await open();
      return { broker, sever: (consumer) => broker.severConsumer(consumer) };
    },
    promises,
  );
});
