/** What an adapter does not pass on is refused by name, so that no consumer only seems to have it. */
import { refuseExtras } from '../../shared/adapters/pulsar-topics';
import type { SubscribeOptions } from '../../shared/model/subscription';

const plain: SubscribeOptions = {
  ...{ topic: 't', subscription: 's', type: 'key-shared', consumerName: 'c', receiverQueueSize: 1 },
};
const ALL = ['priorityLevel', 'ackTimeoutMs', 'deadLetter', 'keyShared'] as const;

it.each<[string, Partial<SubscribeOptions>]>([
  ['priorityLevel', { priorityLevel: 1 }],
  ['ackTimeoutMs', { ackTimeoutMs: 1000 }],
  ['deadLetter', { deadLetter: { maxRedeliverCount: 1, topic: 'dead' } }],
  ['keyShared', { keyShared: { mode: 'auto-split', allowOutOfOrderDelivery: true } }],
  ['keyShared', { keyShared: { mode: 'sticky', ranges: [[0, 9]], allowOutOfOrderDelivery: false } }],
])('%s is refused where it is not served, and let through where it is', (name, extra) => {
  const problem = `this broker address does not serve ${name}: use embedded:`;
  expect(() => refuseExtras({ ...plain, ...extra }, ALL, 'embedded:')).toThrow(problem);
  const others = ALL.filter((each) => each !== name);
  expect(() => refuseExtras({ ...plain, ...extra }, others, 'embedded:')).not.toThrow();
});

it('what is as it always is needs nothing', () => {
  const usual = { priorityLevel: 0, ackTimeoutMs: 0, deadLetter: null } as const;
  expect(() => refuseExtras(plain, ALL, 'embedded:')).not.toThrow();
  expect(() => refuseExtras({ ...plain, ...usual }, ALL, 'embedded:')).not.toThrow();
});
