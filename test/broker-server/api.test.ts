/** Pulsar's WebSocket and admin APIs as the lab serves them: suites that a real broker passes too. */
import { type BrokerServer, serveBroker } from '../../lab/broker-server/broker-server';
import { describeAdmin } from '../contract/admin-contract';
import { describeWebSocketApi } from '../contract/websocket-api-contract';

let server: BrokerServer;
beforeAll(async () => {
  server = await serveBroker({ failoverDelayMs: 20 });
});
afterAll(() => server.close());

describeWebSocketApi('of the lab', () => server);
describeAdmin('of the lab', () => server);
