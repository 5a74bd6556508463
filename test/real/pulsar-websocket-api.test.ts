/** Pulsar's WebSocket API as Pulsar serves it: the suite by which the lab's own broker is held to it. */
import { describeWebSocketApi } from '../contract/websocket-api-contract';
import { describePulsar } from '../support/pulsar-broker';

jest.setTimeout(60_000);

describePulsar('frame by frame', (broker) => describeWebSocketApi('of Pulsar', broker));
