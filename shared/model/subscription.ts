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

/** Sticky hashes from `start` to `end`, both included. */
export type HashRange = readonly [start: number, end: number];

/** How a Key_Shared subscription divides its hashes. The first consumer decides; who asks for another one is refused. */
export type KeySharedPolicy =
  /** The broker divides them. */
  | { readonly mode: 'auto-split'; readonly allowOutOfOrderDelivery: boolean }
  /** Each consumer names its own. What nobody names waits. */
  | { readonly mode: 'sticky'; readonly ranges: readonly HashRange[]; readonly allowOutOfOrderDelivery: boolean };

/** Where messages go that were redelivered often enough. Shared and Key_Shared only. */
export interface DeadLetterOptions {
  /** Redeliveries that the application sees, at least 1. */
  readonly maxRedeliverCount: number;
  readonly topic: string;
}

/** What a consumer asks for when it joins. An adapter that cannot do what an optional field asks refuses it by name. */
export interface SubscribeOptions {
  readonly topic: string;
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly consumerName: string;
  readonly receiverQueueSize: number;
  /** Shared and Failover: who has the lowest is served first. Default 0; Key_Shared ignores it. */
  readonly priorityLevel?: number;
  /** How long the application may hold a message before it is given back, milliseconds; default 0: as long as it likes. */
  readonly ackTimeoutMs?: number;
  /** Default null: messages come again for ever. */
  readonly deadLetter?: DeadLetterOptions | null;
  /** Default: auto-split, in order. */
  readonly keyShared?: KeySharedPolicy;
}

/** What the lab reads of a broker's own statistics. */
export interface TopicStats {
  /** Entries of the subscription that are not acknowledged, over all partitions. */
  readonly backlog: number;
  /** Messages that its consumers hold and have not acknowledged, over all partitions. 0 on Exclusive and Failover. */
  readonly unackedCount: number;
  /** Sticky hashes that wait for their former consumer, over all partitions. */
  readonly drainingHashCount: number;
}
