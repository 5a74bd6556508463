import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { systemClock } from '../../shared/adapters/system-clock';
import { describeBroker } from './broker-contract';
import { type BrokerPromises, PULSAR_TYPES } from './broker-promises';

const promises: BrokerPromises = {
  types: PULSAR_TYPES,
  countsRedeliveries: true,
  acksAtOnce: true,
  looksUpTailAtOnce: true,
  readsAheadAtTakeOver: false,
  severs: true,
  fetchesPerReceive: true,
  deadlineMs: 5000,
};

/** Short delays: the suite waits for each of them in real time. */
const delays = { negativeAckDelayMs: 40, failoverDelayMs: 20 };

describeBroker(
  'in this process',
  async () => {
    const broker = openEmbeddedBroker({ clock: systemClock, ...delays });
    return { broker, sever: (consumer) => broker.severConsumer(consumer) };
  },
  promises,
);
