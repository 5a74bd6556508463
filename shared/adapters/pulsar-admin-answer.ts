/**
 * Answers of Pulsar's admin REST API, as far as the lab reads them. Fields that are not named here are ignored.
 * Sources: SubscriptionStatsImpl, ConsumerStatsImpl, PersistentTopicInternalStats (pulsar-semantics 8).
 */
import { z } from 'zod';

const count = z.number().int();

/** One hash that drains: its former owner still holds `unackMsgs` of it. */
const drainingHashSchema = z.object({ hash: count, unackMsgs: count, blockedAttempts: count });
export type DrainingHash = z.infer<typeof drainingHashSchema>;

const consumerStatsSchema = z.object({
  consumerName: z.string(),
  availablePermits: count,
  unackedMessages: count,
  blockedConsumerOnUnackedMsgs: z.boolean().default(false),
  /** Inclusive; ascending and merged. Empty unless Key_Shared. */
  keyHashRangeArrays: z.array(z.tuple([count, count])).nullish(),
  drainingHashes: z.array(drainingHashSchema).nullish(),
});

const subscriptionStatsSchema = z.object({
  type: z.string(),
  msgBacklog: count,
  unackedMessages: count,
  blockedSubscriptionOnUnackedMsgs: z.boolean().default(false),
  msgInReplay: count,
  drainingHashesCount: count,
  /** Failover and Exclusive only. */
  activeConsumerName: z.string().nullish(),
  /** In join order; in priority and name order on Failover. */
  consumers: z.array(consumerStatsSchema),
});

export const topicStatsSchema = z.object({ subscriptions: z.record(z.string(), subscriptionStatsSchema) });

export const partitionedStatsSchema = z.object({ partitions: z.record(z.string(), topicStatsSchema) });

export const clustersSchema = z.array(z.string());

export const partitionsSchema = z.object({ partitions: count });

const cursorSchema = z.object({
  markDeletePosition: z.string(),
  readPosition: z.string(),
  individuallyDeletedMessages: z.string(),
});

/** Of one partition: its ledgers, and the truth about its cursors. */
export const internalStatsSchema = z.object({
  numberOfEntries: count,
  lastConfirmedEntry: z.string(),
  /** In order; the last one is open, and its entries are counted when it is closed. */
  ledgers: z.array(z.object({ ledgerId: count, entries: count })),
  cursors: z.record(z.string(), cursorSchema),
});
export type InternalStats = z.infer<typeof internalStatsSchema>;

export const errorSchema = z.object({ reason: z.string() });

/** One consumer of one partition. */
export interface ConsumerStats {
  readonly consumerName: string;
  readonly permits: number;
  readonly unackedCount: number;
  /** It holds as many unacknowledged messages as it may. */
  readonly isBlocked: boolean;
  readonly hashRanges: readonly (readonly [start: number, end: number])[];
  readonly drainingHashes: readonly DrainingHash[];
}

/** A subscription on one partition. */
export interface SubscriptionStats {
  /** -1: a plain topic. */
  readonly partition: number;
  /** Pulsar's spelling; `None` before the first consumer. */
  readonly type: string;
  /** Entries that are not acknowledged. */
  readonly backlog: number;
  readonly unackedCount: number;
  readonly replayCount: number;
  readonly drainingHashCount: number;
  /** Its consumers hold as many unacknowledged messages as they may together. */
  readonly isBlocked: boolean;
  readonly activeConsumerName: string | null;
  readonly consumers: readonly ConsumerStats[];
}

export function subscriptionStatsOf(
  partition: number,
  stats: z.infer<typeof subscriptionStatsSchema>,
): SubscriptionStats {
  return {
    partition,
    type: stats.type,
    backlog: stats.msgBacklog,
    unackedCount: stats.unackedMessages,
    replayCount: stats.msgInReplay,
    drainingHashCount: stats.drainingHashesCount,
    isBlocked: stats.blockedSubscriptionOnUnackedMsgs,
    activeConsumerName: stats.activeConsumerName ?? null,
    consumers: stats.consumers.map((consumer) => ({
      consumerName: consumer.consumerName,
      permits: consumer.availablePermits,
      unackedCount: consumer.unackedMessages,
      isBlocked: consumer.blockedConsumerOnUnackedMsgs,
      hashRanges: consumer.keyHashRangeArrays ?? [],
      drainingHashes: consumer.drainingHashes ?? [],
    })),
  };
}
