/** Every limit and delay of the broker model, by name. Defaults are those of Pulsar 4.2.4. */

export interface BrokerSettings {
  /** Whether messages of a batch are acknowledged one by one; false: with their entry. Pulsar: acknowledgmentAtBatchIndexLevelEnabled. */
  readonly batchIndexAckEnabled: boolean;
  /**
   * Seconds between two flushes of cursors whose last acknowledgements are in memory only. Pulsar:
   * managedLedgerCursorPositionFlushSeconds.
   */
  readonly cursorPositionFlushSeconds: number;
  /** Whether a producer's sequence ids are compared with what it stored before. Pulsar: brokerDeduplicationEnabled. */
  readonly deduplicationEnabled: boolean;
  /**
   * Milliseconds during which nobody is served after a Failover subscription chose another active consumer, the very
   * first one included. Pulsar: activeConsumerFailoverDelayTimeMillis. 0: none.
   */
  readonly failoverDelayMs: number;
  /**
   * Key_Shared AUTO_SPLIT by a hash ring; false: by halving ranges. Pulsar: subscriptionKeySharedUseConsistentHashing.
   */
  readonly keySharedUsesConsistentHashing: boolean;
  /** Key_Shared as in Pulsar 3. Pulsar: subscriptionKeySharedUseClassicPersistentImplementation. */
  readonly keySharedUsesClassicImplementation: boolean;
  /** Milliseconds from the end of a draining hash to the read that serves what waited for it. 0: at once. */
  readonly keySharedUnblockingIntervalMs: number;
  /** Entries that may be parked per consumer before new reads stop. Pulsar: keySharedLookAheadMsgInReplayThreshold…. */
  readonly lookAheadPerConsumerMax: number;
  /** The same for a whole subscription; the smaller of the two products holds. */
  readonly lookAheadPerSubscriptionMax: number;
  /** Seconds after which a message that nobody acknowledged is given up; 0: never. Pulsar: ttlDurationDefaultInSeconds. */
  readonly messageTtlSeconds: number;
  /** Minutes between two looks for such messages. Pulsar: messageExpiryCheckIntervalInMinutes. */
  readonly messageExpiryCheckIntervalMinutes: number;
  /** Times a second that an acknowledgement writes its cursor down. Pulsar: managedLedgerDefaultMarkDeleteRateLimit. */
  readonly markDeleteRateLimit: number;
  /**
   * Unacknowledged messages at which a consumer gets no more, until it holds half as many; 0: no limit. Shared and
   * Key_Shared. Pulsar: maxUnackedMessagesPerConsumer.
   */
  readonly unackedPerConsumerMax: number;
  /**
   * Unacknowledged messages of a subscription at which no new entry is read, until there are fewer than half as many; 0:
   * no limit. What is redelivered still comes. Pulsar: maxUnackedMessagesPerSubscription.
   */
  readonly unackedPerSubscriptionMax: number;
  /** Ranges of individual acknowledgements that are written down. Pulsar: managedLedgerMaxUnackedRangesToPersist. */
  readonly unackedRangesToPersistMax: number;
  /** Entries read at a time. Pulsar: dispatcherMaxReadBatchSize. */
  readonly readBatchSizeMax: number;
  /** Entries that Shared hands to one consumer before it looks at the next. Pulsar: dispatcherMaxRoundRobinBatchSize. */
  readonly roundRobinBatchSizeMax: number;
}

/** What can be set for one topic. Whoever is left out keeps the broker's setting. */
export type TopicPolicies = Partial<
  Pick<
    BrokerSettings,
    'deduplicationEnabled' | 'messageTtlSeconds' | 'unackedPerConsumerMax' | 'unackedPerSubscriptionMax'
  >
>;

export const PULSAR_DEFAULTS: BrokerSettings = {
  batchIndexAckEnabled: true,
  cursorPositionFlushSeconds: 60,
  deduplicationEnabled: false,
  failoverDelayMs: 1000,
  keySharedUsesClassicImplementation: false,
  keySharedUsesConsistentHashing: true,
  keySharedUnblockingIntervalMs: 10,
  lookAheadPerConsumerMax: 2000,
  lookAheadPerSubscriptionMax: 20_000,
  markDeleteRateLimit: 1,
  messageExpiryCheckIntervalMinutes: 5,
  messageTtlSeconds: 0,
  readBatchSizeMax: 100,
  roundRobinBatchSizeMax: 20,
  unackedPerConsumerMax: 50_000,
  unackedPerSubscriptionMax: 200_000,
  unackedRangesToPersistMax: 10_000,
};
