/**
 * What the broker's own statistics would print about a subscription (pulsar-semantics 8). Looking changes nothing.
 * Sources: SubscriptionStatsImpl, ConsumerStatsImpl.
 */
import { type HashRange, PULSAR_SPELLING } from '../model/subscription';
import type { BrokerState } from './broker-state';
import type { ConsumerState } from './consumer';
import { backlogOf } from './cursor';
import type { PartitionState } from './partition';
import { rangesUnder } from './sticky-selector';
import { type DispatcherState, type SubscriptionState, typeOf } from './subscription';
import { findTopic } from './topic';

/** By Pulsar's names. */
export interface DrainingHashView {
  readonly hash: number;
  readonly unackMsgs: number;
  /** Attempts to send a message of it elsewhere. Pulsar counts every look: compare it with 0 only. */
  readonly blockedAttempts: number;
}

/** One consumer of one partition. */
export interface ConsumerView {
  readonly consumerName: string;
  readonly permits: number;
  /** It holds as many unacknowledged messages as it may. */
  readonly isBlocked: boolean;
  /** 0 on Exclusive and Failover: nobody counts there. */
  readonly unackedCount: number;
  /** Key_Shared only, ascending and merged. */
  readonly hashRanges: readonly HashRange[];
  /** Under the classic dispatcher only: where the reads stood then. */
  readonly readPositionWhenJoining?: number;
  /** Hashes that moved away while the consumer holds `unackMsgs` messages of them. */
  readonly drainingHashes: readonly DrainingHashView[];
}

/** A subscription on one partition. */
export interface SubscriptionView {
  /** -1: a plain topic. */
  readonly partition: number;
  /** Pulsar's spelling; `None` while nobody is connected. */
  readonly type: string;
  readonly backlog: number;
  /** Positions that were read and must be dispatched again. */
  readonly replayCount: number;
  /** Failover and Exclusive only: who is chosen, even while it waits to take over. */
  readonly activeConsumerName: string | null;
  /** Its consumers hold as many unacknowledged messages as they may together. */
  readonly isBlocked: boolean;
  /** In join order. */
  readonly consumers: readonly ConsumerView[];
}

/** One view per partition, in their order; null: there is no such subscription. */
export function viewSubscription(state: BrokerState, topic: string, name: string): readonly SubscriptionView[] | null {
  const views = findTopic(state.topics, topic)?.partitions.flatMap((partition) => {
    const subscription = partition.subscriptions.get(name);
    return subscription === undefined ? [] : [viewOf(partition, subscription)];
  });
  return views === undefined || views.length === 0 ? null : views;
}

/** What consumers hold, over all partitions; null: there is no such subscription. Cheaper than a whole view of it. */
export function countHeld(state: BrokerState, topic: string, name: string) {
  const found = findTopic(state.topics, topic)?.partitions.flatMap(
    ({ subscriptions }) => subscriptions.get(name) ?? [],
  );
  if (found === undefined || found.length === 0) return null;
  let [unackedCount, drainingHashCount] = [0, 0];
  for (const { consumers, dispatcher } of found) {
    for (const each of consumers) unackedCount += each.unackedCount;
    if (dispatcher?.kind === 'key-shared') drainingHashCount += dispatcher.draining.size;
  }
  return { unackedCount, drainingHashCount };
}

function viewOf({ partition, log }: PartitionState, { cursor, consumers, dispatcher, unacked }: SubscriptionState) {
  return {
    partition,
    type: dispatcher === null ? 'None' : PULSAR_SPELLING[typeOf(dispatcher)],
    backlog: backlogOf(cursor, log.length),
    replayCount: dispatcher === null || dispatcher.kind === 'single-active' ? 0 : dispatcher.replay.hashes.size,
    activeConsumerName: activeNameOf(dispatcher, consumers),
    isBlocked: unacked.isBlocked,
    consumers: consumers.map((consumer) => viewConsumer(dispatcher, consumer)),
  };
}

function activeNameOf(dispatcher: DispatcherState | null, consumers: readonly ConsumerState[]): string | null {
  if (dispatcher?.kind !== 'single-active') return null;
  return consumers.find(({ id }) => id === dispatcher.activeId)?.name ?? null;
}

function viewConsumer(dispatcher: DispatcherState | null, consumer: ConsumerState): ConsumerView {
  const { id, name, permits, unackedCount, isBlocked } = consumer;
  const selector = dispatcher !== null && 'selector' in dispatcher ? dispatcher.selector : null;
  const joinedAt = dispatcher?.kind === 'key-shared-classic' ? dispatcher.joinedAt.get(id) : undefined;
  const draining = [...(dispatcher?.kind === 'key-shared' ? dispatcher.draining : [])].filter(
    ([, { consumerId }]) => consumerId === id,
  );
  return {
    consumerName: name,
    permits,
    isBlocked,
    unackedCount,
    hashRanges: selector === null ? [] : (rangesUnder(selector).get(id) ?? []),
    ...(joinedAt === undefined ? {} : { readPositionWhenJoining: joinedAt }),
    drainingHashes: draining.map(([hash, { referenceCount: unackMsgs, blockedCount: blockedAttempts }]) => ({
      ...{ hash, unackMsgs, blockedAttempts },
    })),
  };
}
