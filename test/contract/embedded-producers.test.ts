/** The contract of producers, on the broker in this process. */
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { systemClock } from '../../shared/adapters/system-clock';
import { describeProducers } from './producer-contract';

/** Two clients here are one broker. */
describeProducers(
  'in this process',
  async () => {
    const broker = openEmbeddedBroker({ clock: systemClock, reconnectDelayMs: 5 });
    const bench = { broker, unload: (topic: string) => broker.unload(topic) };
    return [bench, bench];
  },
  5000,
);
