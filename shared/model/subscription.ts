/** Subscription types, as Pulsar has them, and what the lab calls a topology. */

/** Pulsar's four subscription types, in the CLI's spelling. */
export const SUBSCRIPTION_TYPES = ['exclusive', 'failover', 'shared', 'key-shared'] as const;
export type SubscriptionType = (typeof SUBSCRIPTION_TYPES)[number];

/** Pulsar's own spelling, for people (docs, REST and WebSocket; the Node client writes KeyShared). */
export const PULSAR_SPELLING: Readonly<Record<SubscriptionType, string>> = {
  exclusive: 'Exclusive',
  failover: 'Failover',
  shared: 'Shared',
  'key-shared': 'Key_Shared',
};

/** Subscription type × consumers × partitions: everything that decides who gets which message. */
export interface Topology {
  readonly subscriptionType: SubscriptionType;
  /** Consumers connected when the run starts. At least 1. */
  readonly consumerCount: number;
  /** 0: a plain topic. */
  readonly partitionCount: number;
  /** Messages a consumer may hold that its application has not taken. 0: none are prefetched. Pulsar's default is 1000. */
  readonly receiverQueueSize: number;
}

/** What a consumer asks for when it joins. */
export interface SubscribeOptions {
  readonly topic: string;
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly consumerName: string;
  readonly receiverQueueSize: number;
}
/** What the lab reads of a broker's own statistics. */
export interface TopicStats {
  /** Entries of the subscription that are not acknowledged, over all partitions. */
  readonly backlog: number;
}
