/** The contract of the Broker port over a real Pulsar, through its native client. */
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

  describeBroker(
    'over the native client',
    async () => {
      const broker = await open();
      return { broker, sever: (consumer) => broker.severConsumer(consumer) };
    },
    promises,
  );
});
