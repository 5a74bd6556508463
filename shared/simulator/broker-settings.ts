/** Every limit and delay of the broker model, by name. Defaults are those of Pulsar 4.2.4. */

export interface BrokerSettings {
  /**
   * Milliseconds during which nobody is served after a Failover subscription chose another active consumer, the very
   * first one included. Pulsar: activeConsumerFailoverDelayTimeMillis. 0: none.
   */
  readonly failoverDelayMs: number;
  /** Milliseconds from the end of a draining hash to the read that serves what waited for it. 0: at once. */
  readonly keySharedUnblockingIntervalMs: number;
  /** Entries that may be parked per consumer before new reads stop. Pulsar: keySharedLookAheadMsgInReplayThreshold…. */
  readonly lookAheadPerConsumerMax: number;
  /** The same for a whole subscription; the smaller of the two products holds. */
  readonly lookAheadPerSubscriptionMax: number;
  /** Entries read at a time. Pulsar: dispatcherMaxReadBatchSize. */
  readonly readBatchSizeMax: number;
  /** Entries that Shared hands to one consumer before it looks at the next. Pulsar: dispatcherMaxRoundRobinBatchSize. */
  readonly roundRobinBatchSizeMax: number;
}

export const PULSAR_DEFAULTS: BrokerSettings = {
  failoverDelayMs: 1000,
  keySharedUnblockingIntervalMs: 10,
  lookAheadPerConsumerMax: 2000,
  lookAheadPerSubscriptionMax: 20_000,
  readBatchSizeMax: 100,
  roundRobinBatchSizeMax: 20,
};
