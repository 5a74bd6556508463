/** The contract of the Broker port through Pulsar's WebSocket API, on the embedded broker behind a socket. */

import type { BrokerServer } from '../../lab/broker-server/broker-server';
import { serveBroker } from '../../lab/broker-server/broker-server';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { describeBroker } from './broker-contract';
import { type BrokerPromises, PULSAR_TYPES } from './broker-promises';

const promises: BrokerPromises = {
  types: PULSAR_TYPES,
  countsRedeliveries: true,
  acksAtOnce: false,
  looksUpTailAtOnce: false,
  readsAheadAtTakeOver: false,
  severs: true,
  fetchesPerReceive: true,
  deadlineMs: 5000,
};

/** Longer than eight messages take on a machine that is busy with other things. */
const NEGATIVE_ACK_DELAY_MS = 300;

let server: BrokerServer;
beforeAll(async () => {
  server = await serveBroker({ failoverDelayMs: 20 });
});
afterAll(() => server.close());

describeBroker(
  'on a socket',
  async () => {
    const broker = await openPulsarWebSocket({
      url: server.url,
      namespace: 'public/contract',
      negativeAckDelayMs: NEGATIVE_ACK_DELAY_MS,
    });
    return { broker, sever: (consumer) => broker.severConsumer(consumer) };
  },
  promises,
);
