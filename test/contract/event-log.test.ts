/** The EventLog over the embedded broker, whose connections are one. */
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { systemClock } from '../../shared/adapters/system-clock';
import { describeEventLog } from './event-log-contract';

const broker = openEmbeddedBroker({ clock: systemClock });

describeEventLog('over the embedded broker', { connect: async () => broker, leave: async () => {} });
