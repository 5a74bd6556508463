/**
 * Statistics as Pulsar's admin API prints them, from what the broker model shows: the fields that tests and operators
 * assert on (pulsar-semantics 8). Rates, sizes and times are not modelled and not printed.
 */
import type { LogView } from '../../shared/simulator/log-view';
import type { ConsumerView, SubscriptionView } from '../../shared/simulator/subscription-view';

export function subscriptionStats(view: SubscriptionView) {
  const consumers = view.consumers.map(consumerStats);
  const sum = (numberOf: (consumer: ReturnType<typeof consumerStats>) => number): number =>
    consumers.reduce((total, consumer) => total + numberOf(consumer), 0);
  return {
    type: view.type,
    msgBacklog: view.backlog,
    msgBacklogNoDelayed: view.backlog,
    unackedMessages: sum(({ unackedMessages }) => unackedMessages),
    msgInReplay: view.replayCount,
    blockedSubscriptionOnUnackedMsgs: view.isBlocked,
    drainingHashesCount: sum(({ drainingHashesCount }) => drainingHashesCount),
    drainingHashesUnackedMessages: sum(({ drainingHashesUnackedMessages }) => drainingHashesUnackedMessages),
    ...(view.activeConsumerName === null ? {} : { activeConsumerName: view.activeConsumerName }),
    ...(view.type === 'Key_Shared' ? { keySharedMode: 'AUTO_SPLIT' } : {}),
    allowOutOfOrderDelivery: false,
    isDurable: true,
    consumers,
  };
}

function consumerStats(view: ConsumerView) {
  const { consumerName, permits, unackedCount, isBlocked, hashRanges, drainingHashes } = view;
  return {
    consumerName,
    blockedConsumerOnUnackedMsgs: isBlocked,
    availablePermits: permits,
    unackedMessages: unackedCount,
    keyHashRangeArrays: hashRanges,
    drainingHashesCount: drainingHashes.length,
    drainingHashesUnackedMessages: drainingHashes.reduce((sum, { unackMsgs }) => sum + unackMsgs, 0),
    drainingHashes,
  };
}

/** The model keeps one ledger a log, and it is open: Pulsar counts the entries of an open ledger as 0. */
export function internalStats({ ledgerId, entryCount, cursors }: LogView) {
  const at = (position: number): string => `${ledgerId}:${position}`;
  const stats = cursors.map(({ subscription, markDelete, read, acknowledged }) => [
    subscription,
    {
      markDeletePosition: at(markDelete),
      readPosition: at(read),
      individuallyDeletedMessages: `[${acknowledged.map(([first, last]) => `(${at(first - 1)}..${at(last)}]`).join(',')}]`,
      totalNonContiguousDeletedMessagesRange: acknowledged.length,
      state: 'Open',
    },
  ]);
  return {
    entriesAddedCounter: entryCount,
    numberOfEntries: entryCount,
    currentLedgerEntries: entryCount,
    lastConfirmedEntry: at(entryCount - 1),
    state: 'LedgerOpened',
    ledgers: [{ ledgerId, entries: 0 }],
    cursors: Object.fromEntries(stats),
  };
}
