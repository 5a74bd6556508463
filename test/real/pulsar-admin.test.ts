/** The admin client against a real broker. */
import { describeAdmin } from '../contract/admin-contract';
import { describePulsar } from '../support/pulsar-broker';

describePulsar('the admin client', (broker) => describeAdmin('of Pulsar', broker));
