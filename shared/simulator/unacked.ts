/**
 * Limits of unacknowledged messages (pulsar-semantics 1.1). A consumer at its limit gets nothing until it holds half as
 * many; a subscription at its own reads nothing new until there are fewer than half as many, while redeliveries go on.
 * Sources: Consumer, PersistentDispatcherMultipleConsumers.addUnAckedMessages.
 */
import { type ConsumerState, unblockConsumer } from './consumer';
import type { Dispatch } from './dispatch';

/** Of one subscription at one partition. */
export interface UnackedTally {
  count: number;
  /** No new entry is read. */
  isBlocked: boolean;
}

/** Messages went to the consumer. A reader's subscription counts nothing. */
export function addUnacked({ settings, unacked, isDurable }: Dispatch, consumer: ConsumerState, count: number): void {
  const { unackedPerConsumerMax, unackedPerSubscriptionMax } = settings;
  unacked.count += count;
  consumer.unackedCount += count;
  if (!isDurable) return;
  if (unackedPerConsumerMax > 0 && consumer.unackedCount >= unackedPerConsumerMax) consumer.isBlocked = true;
  if (unackedPerSubscriptionMax > 0 && unacked.count >= unackedPerSubscriptionMax) unacked.isBlocked = true;
}

/** Messages left the consumer. True: somebody may be served again who was not. */
export function removeUnacked({ settings, unacked }: Dispatch, consumer: ConsumerState, count: number): boolean {
  const { unackedPerConsumerMax, unackedPerSubscriptionMax } = settings;
  unacked.count -= count;
  consumer.unackedCount -= count;
  const endsSubscription = unacked.isBlocked && unacked.count < Math.floor(unackedPerSubscriptionMax / 2);
  if (endsSubscription) unacked.isBlocked = false;
  const endsConsumer = consumer.isBlocked && consumer.unackedCount <= Math.floor(unackedPerConsumerMax / 2);
  if (endsConsumer) unblockConsumer(consumer);
  return endsSubscription || endsConsumer;
}
