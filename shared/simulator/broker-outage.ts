/**
 * What ends every connection to a topic at once: it is unloaded, the broker restarts or crashes, a cursor is set anew.
 * Clients come back by themselves. The broker has then forgotten who held what: replay sets, redelivery counts, draining
 * hashes and permits begin anew, and all that is not acknowledged is delivered again, while its former holder may still
 * be working on it (pulsar-semantics 3.7, 10).
 */
import type { BrokerAction } from './broker-action';
import { leave } from './broker-consumers';
import type { BrokerInput } from './broker-input';
import { closeProducers } from './broker-producers';
import { type BrokerState, subscriptionNotFound, topicNotFound } from './broker-state';
import { setCursor } from './cursor';
import type { PartitionState } from './partition';
import { flushWhenDue, persist, rollBack } from './persisted-cursor';
import { startIn } from './start-position';
import type { SubscriptionState } from './subscription';
import { findTopic } from './topic';

/** An orderly end: cursors are written down first. */
export function unload(state: BrokerState, topicName: string, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  disconnectAll(state, topic.partitions, null, actions);
  closeProducers(state, topic.partitions, actions);
  for (const { subscriptions } of topic.partitions) {
    for (const { persisted, cursor } of subscriptions.values()) persist(persisted, cursor, state.settings);
  }
}

/** Every topic ends. losesAcks: the broker was killed, so that cursors are what was written down before. */
export function restart(state: BrokerState, losesAcks: boolean, actions: BrokerAction[]): void {
  for (const { partitions } of state.topics.values()) {
    disconnectAll(state, partitions, null, actions);
    closeProducers(state, partitions, actions);
    for (const { persisted, cursor } of partitions.flatMap(({ subscriptions }) => [...subscriptions.values()])) {
      flushWhenDue(persisted, cursor, state.settings, state.nowMs);
      if (losesAcks) rollBack(persisted, cursor);
      else persist(persisted, cursor, state.settings);
    }
  }
}

type Seek = Extract<BrokerInput, { kind: 'seek' }>;

/** Acknowledgements behind the new place are forgotten, and what lies before it counts as acknowledged. */
export function seek(state: BrokerState, { topic: topicName, subscription, to }: Seek, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  if (topic.partitions.some(({ subscriptions }) => !subscriptions.has(subscription))) {
    actions.push(subscriptionNotFound(topicName, subscription));
    return;
  }
  const targets = topic.partitions.filter(({ partition }) => typeof to === 'string' || to.has(partition));
  disconnectAll(state, targets, subscription, actions);
  for (const { partition, log, subscriptions } of targets) {
    const found = subscriptions.get(subscription);
    if (found === undefined) continue;
    setCursor(found.cursor, startIn(to, partition, log.length));
    persist(found.persisted, found.cursor, state.settings);
  }
}

/**
 * Ends the connections to these partitions, of one subscription or (null) of all. A consumer of several partitions
 * leaves the others too, as if it had been closed there.
 */
export function disconnectAll(
  state: BrokerState,
  partitions: readonly PartitionState[],
  name: string | null,
  actions: BrokerAction[],
): void {
  const ending = partitions.flatMap(({ subscriptions }) =>
    [...subscriptions].flatMap(([each, subscription]) => (name === null || name === each ? [subscription] : [])),
  );
  const ids = new Set(ending.flatMap(({ consumers }) => consumers.map(({ id }) => id)));
  for (const subscription of ending) forgetConsumers(subscription);
  for (const consumerId of [...ids].sort((left, right) => left - right)) {
    leave(state, consumerId, actions);
    actions.push({ kind: 'disconnected', consumerId });
  }
}

function forgetConsumers(subscription: SubscriptionState): void {
  subscription.consumers.length = 0;
  subscription.dispatcher = null;
  subscription.sharedNextIndex = 0;
  subscription.unacked.count = 0;
  subscription.unacked.isBlocked = false;
}
