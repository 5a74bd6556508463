/** The contract of producers over a real Pulsar, through its native client: each of the two has connections of its own. */
import { openPulsarNative } from '../../shared/adapters/pulsar-native';
import { describeProducers } from '../contract/producer-contract';
import { describeNative } from '../support/pulsar-native';

const NAMESPACE = `orderlab/native-producers-${process.pid}`;

describeNative('the contract of producers', (addresses) => {
  const open = async () => {
    const broker = await openPulsarNative({ ...addresses(), namespace: NAMESPACE });
    return { broker, unload: (topic: string) => broker.admin.unload(`${NAMESPACE}/${topic}`) };
  };
  afterAll(async () => {
    const { broker } = await open();
    await broker.close();
    await broker.admin.deleteNamespace(NAMESPACE);
  });

  describeProducers('over the native client', async () => [await open(), await open()], 60_000);
});
