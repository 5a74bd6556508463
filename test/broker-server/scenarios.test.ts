/** Scenarios on the served broker, through the adapter for a real Pulsar: the verdicts are those of every other world. */
import { describeServedScenarios } from '../support/served-scenarios';

/** A crash, a negative acknowledgement, a swap, and designs that hold; `npm run test:real` plays all of them. */
describeServedScenarios([
  ...['competing-consumers', 'competing-consumers-naive', 'crash-before-ack-naive', 'record-with-effect'],
  ...['ack-after-work-naive', 'handler-error', 'transfer-results-naive'],
]);
