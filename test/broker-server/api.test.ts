/** Pulsar's WebSocket API as the lab serves it: the suite that a real broker passes too. */
import { type BrokerServer, serveBroker } from '../../lab/broker-server/broker-server';
import { describeWebSocketApi } from '../contract/websocket-api-contract';

let server: BrokerServer;
beforeAll(async () => {
  server = await serveBroker({ failoverDelayMs: 20 });
});
afterAll(() => server.close());

describeWebSocketApi('of the lab', () => server);
