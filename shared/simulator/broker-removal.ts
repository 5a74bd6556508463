/**
 * Topics and subscriptions that end (pulsar-semantics 7.3, 8). Whatever somebody uses is kept, unless force is asked for: then
 * everybody is disconnected first, and a client that comes back finds nothing.
 * Sources: PersistentTopicsBase.internalDeleteTopic, internalDeleteSubscription; PersistentSubscription.doUnsubscribe.
 */
import type { BrokerAction, Refusal } from './broker-action';
import { leave } from './broker-consumers';
import type { BrokerInput } from './broker-input';
import { disconnectAll } from './broker-outage';
import { closeProducers } from './broker-producers';
import { type BrokerState, subscriptionNotFound, topicNotFound } from './broker-state';
import { findTopic, type TopicState } from './topic';

type DeleteTopic = Extract<BrokerInput, { kind: 'delete-topic' }>;

/** A partition cannot be deleted on its own: its topic would have a hole. */
export function deleteTopic(state: BrokerState, { topic: name, isForced }: DeleteTopic, actions: BrokerAction[]): void {
  const topic = state.topics.get(name);
  if (topic === undefined) {
    actions.push(topicNotFound(name));
    return;
  }
  const [consumerCount, producerCount] = [consumersOf(topic).size, producersOf(topic).size];
  if (!isForced && consumerCount + producerCount > 0) {
    const clients = consumerCount + producerCount === 1 ? '1 client' : `${consumerCount + producerCount} clients`;
    const parts = `${consumerCount} consumers, ${producerCount} producers, and 0 replicators`;
    actions.push(inUse(`Topic has ${clients} connected Including ${parts}.`));
    return;
  }
  disconnectAll(state, topic.partitions, null, actions);
  closeProducers(state, topic.partitions, actions);
  state.topics.delete(name);
}

type DeleteSubscription = Extract<BrokerInput, { kind: 'delete-subscription' }>;

export function deleteSubscription(
  state: BrokerState,
  { topic: topicName, subscription: name, isForced }: DeleteSubscription,
  actions: BrokerAction[],
): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  const found = topic.partitions.flatMap(({ subscriptions }) => subscriptions.get(name) ?? []);
  if (found.length === 0) {
    actions.push(subscriptionNotFound(topicName, name));
    return;
  }
  if (!isForced && found.some(({ consumers }) => consumers.length > 0)) {
    actions.push(inUse('Subscription has active connected consumers'));
    return;
  }
  disconnectAll(state, topic.partitions, name, actions);
  forget(topic, name);
}

type Unsubscribe = Extract<BrokerInput, { kind: 'unsubscribe' }>;

/**
 * The only consumer of a subscription ends it, and itself with it: nothing of it comes again. Who shares the subscription
 * is refused.
 */
export function unsubscribe(state: BrokerState, { consumerId }: Unsubscribe, actions: BrokerAction[]): void {
  const connection = state.connections.get(consumerId);
  const topic = connection && findTopic(state.topics, connection.topic);
  if (connection === undefined || topic === undefined) return;
  const { subscription: name } = connection;
  const isAlone = topic.partitions.every(({ subscriptions }) =>
    (subscriptions.get(name)?.consumers ?? []).every(({ id }) => id === consumerId),
  );
  if (!isAlone) {
    actions.push(inUse('Unconnected or shared consumer attempting to unsubscribe'));
    return;
  }
  leave(state, consumerId, actions);
  forget(topic, name);
}

function forget({ partitions }: TopicState, name: string): void {
  for (const { subscriptions } of partitions) subscriptions.delete(name);
}

function producersOf({ partitions }: TopicState): ReadonlySet<number> {
  return new Set(partitions.flatMap(({ producers }) => [...producers.connected.keys()]));
}

function consumersOf({ partitions }: TopicState): ReadonlySet<number> {
  const subscriptions = partitions.flatMap(({ subscriptions: existing }) => [...existing.values()]);
  return new Set(subscriptions.flatMap(({ consumers }) => consumers.map(({ id }) => id)));
}

function inUse(problem: string): Refusal {
  return { kind: 'refused', code: 'IN_USE', details: { problem } };
}
