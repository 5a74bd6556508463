/** Crash points: what a consumer does between its announcements, for the reference. The compiler keeps the list whole. */
import type { PointName } from '../shared/model/plan';

export const POINT_MEANINGS: Readonly<Record<PointName, string>> = {
  receive: 'taking a message from the broker; only `after:receive` is announced',
  handle: 'all work on one delivery; a delivery that was parked is handled again',
  apply: 'the store call that changes the read model',
  'check-marker': 'asking for an idempotency key',
  'claim-marker': 'taking an idempotency key (SETNX)',
  'set-marker': 'writing an idempotency key (SET)',
  'begin-handler': 'counting the begin of a handler in the store',
  'end-handler': 'counting the end of a handler in the store',
  quarantine: 'keeping aside a message whose event is in conflict with another one',
  ack: 'the acknowledgement',
  nack: 'the negative acknowledgement',
  publish: 'publishing the result to the derived topic',
  'read-log': "reading a user's missing events from the log",
};
