/** The EventLog over a real Pulsar: every process has a connection and an index of its own. */
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { describeEventLog } from '../contract/event-log-contract';
import { describePulsar } from '../support/pulsar-broker';

const NAMESPACE = `orderlab/event-log-${process.pid}`;

describePulsar('the event log', (broker) => {
  const connect = () => openPulsarWebSocket({ url: broker().url, namespace: NAMESPACE });
  afterAll(async () => {
    const opened = await connect();
    await opened.admin.deleteNamespace(NAMESPACE);
    await opened.close();
  });

  describeEventLog('over WebSocket', { connect, leave: (opened) => opened.close() });
});
