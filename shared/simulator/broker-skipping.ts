/**
 * Messages that a subscription gives up: skipped by an admin, or expired (pulsar-semantics 8, trap 23). The mark-delete
 * position moves, and whoever holds such a message holds it no longer: its hash drains, although the holder may still be
 * at work (Pulsar issue 25627, reproduced on 4.2.4). What a client has fetched stays there and is handed over all the same.
 * Sources: PersistentSubscription.skipMessages, clearBacklog; PersistentMessageExpiryMonitor.
 */
import type { BrokerAction } from './broker-action';
import type { BrokerInput } from './broker-input';
import { type BrokerState, dispatchAt, subscriptionNotFound, topicNotFound } from './broker-state';
import { type Cursor, isAcknowledged } from './cursor';
import type { Entry } from './entry';
import type { PartitionState } from './partition';
import { giveUpTo, type SubscriptionState } from './subscription';
import { findTopic, type TopicState } from './topic';

type Skip = Extract<BrokerInput, { kind: 'skip' }>;

/** Pulsar counts messages of one log only. */
export function skip(state: BrokerState, { topic, subscription, count }: Skip, actions: BrokerAction[]): void {
  giveUp(state, topic, subscription, actions, ({ partitions }) => {
    if (count === null) return ({ log }) => log.length - 1;
    if (partitions.length === 1) return ({ log }, { cursor }) => unacknowledgedAt(cursor, log.length, count);
    return 'Skip messages on a partitioned topic is not allowed';
  });
}

type Expire = Extract<BrokerInput, { kind: 'expire' }>;

export function expire(
  state: BrokerState,
  { topic, subscription, olderThanMs }: Expire,
  actions: BrokerAction[],
): void {
  giveUp(state, topic, subscription, actions, () => ({ log }, { cursor }) => {
    return lastExpired(log, cursor, state.nowMs - olderThanMs);
  });
}

/** The position up to which a subscription gives up. */
type LastOf = (partition: PartitionState, subscription: SubscriptionState) => number;

/** `choose` answers with a sentence where the request is refused. */
function giveUp(
  state: BrokerState,
  topicName: string,
  name: string,
  actions: BrokerAction[],
  choose: (topic: TopicState) => LastOf | string,
): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  const lastOf = choose(topic);
  if (typeof lastOf === 'string') {
    actions.push({ kind: 'refused', code: 'USAGE', details: { problem: lastOf } });
    return;
  }
  const found = topic.partitions.flatMap((partition) => {
    const subscription = partition.subscriptions.get(name);
    return subscription === undefined ? [] : [{ partition, subscription }];
  });
  if (found.length === 0) actions.push(subscriptionNotFound(topicName, name));
  for (const { partition, subscription } of found) {
    giveUpTo(dispatchAt(state, partition, subscription, actions), subscription, lastOf(partition, subscription));
  }
}

/** Position of the unacknowledged message number `count`, from 1; the last one where there are fewer. */
function unacknowledgedAt(cursor: Cursor, entryCount: number, count: number): number {
  let left = count;
  let position = cursor.markDelete;
  while (left > 0 && position < entryCount - 1) {
    position += 1;
    if (!isAcknowledged(cursor, position)) left -= 1;
  }
  return position;
}

/** Of the neighbours behind the mark-delete position, the last that was published before that time. */
function lastExpired(log: readonly Entry[], { markDelete }: Cursor, beforeMs: number): number {
  let position = markDelete;
  while ((log[position + 1]?.publishedAtMs ?? Number.POSITIVE_INFINITY) < beforeMs) position += 1;
  return position;
}

/** Where messages live for a limited time, somebody looks for expired ones from time to time, as long as there are any. */
export function watchExpiry(state: BrokerState, partition: PartitionState, actions: BrokerAction[]): void {
  const { messageTtlSeconds, messageExpiryCheckIntervalMinutes } = partition.settings ?? state.settings;
  if (messageTtlSeconds === 0 || partition.expiryCheckAtMs !== null) return;
  const intervalMs = messageExpiryCheckIntervalMinutes * 60_000;
  partition.expiryCheckAtMs = (Math.floor(state.nowMs / intervalMs) + 1) * intervalMs;
  actions.push({ kind: 'wake-at', atMs: partition.expiryCheckAtMs });
}

/** The look itself, when it is due. */
export function expireWhenDue(state: BrokerState, partition: PartitionState, actions: BrokerAction[]): void {
  if (partition.expiryCheckAtMs === null || state.nowMs < partition.expiryCheckAtMs) return;
  partition.expiryCheckAtMs = null;
  const { log, subscriptions } = partition;
  const { messageTtlSeconds } = partition.settings ?? state.settings;
  if (messageTtlSeconds === 0) return;
  const beforeMs = state.nowMs - messageTtlSeconds * 1000;
  for (const subscription of subscriptions.values()) {
    const dispatch = dispatchAt(state, partition, subscription, actions);
    giveUpTo(dispatch, subscription, lastExpired(log, subscription.cursor, beforeMs));
  }
  const isWaitedFor = [...subscriptions.values()].some(({ cursor }) => cursor.markDelete < log.length - 1);
  if (isWaitedFor) watchExpiry(state, partition, actions);
}
