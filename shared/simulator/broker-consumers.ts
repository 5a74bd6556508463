/** Requests of consumers: they subscribe, ask for messages, acknowledge, give back, and leave. */
import { invariant, unreachable } from '../model/invariant';
import { PULSAR_SPELLING, type SubscriptionType } from '../model/subscription';
import type { BrokerAction, Refusal } from './broker-action';
import type { BrokerInput } from './broker-input';
import { type BrokerState, dispatchAt, forEachPartition, subscriptionNotFound, topicNotFound } from './broker-state';
import { AUTO_SPLIT, type ConsumerState, createConsumer, findConsumer } from './consumer';
import type { Dispatch } from './dispatch';
import { stickyConflict } from './sticky-ranges';
import { selectorConflict } from './sticky-selector';
import {
  acknowledgeIndexes,
  acknowledgePosition,
  acknowledgeUpTo,
  addPermits,
  type DispatcherState,
  joinSubscription,
  leaveSubscription,
  type SubscriptionState,
  takeBack,
  typeOf,
} from './subscription';
import { findTopic, partitionAt, type TopicState } from './topic';

export type Subscribe = Extract<BrokerInput, { kind: 'subscribe' }>;

export function subscribe(state: BrokerState, input: Subscribe, actions: BrokerAction[]): void {
  invariant(!state.connections.has(input.consumerId), 'a consumer id is used by one connection at a time');
  const topic = findTopic(state.topics, input.topic);
  const refusal = topic === undefined ? topicNotFound(input.topic) : refusalOf(topic, input);
  if (topic === undefined || refusal !== null) {
    actions.push(refusal ?? topicNotFound(input.topic));
    return;
  }
  const { consumerId, subscription, type } = input;
  state.connections.set(consumerId, { topic: input.topic, subscription });
  const logs = topic.partitions.map(({ ledgerId, partition }) => ({ ledgerId, partition }));
  actions.push({ kind: 'subscribed', consumerId, logs });
  forEachPartition(state, topic, subscription, actions, (dispatch, joined) => {
    joinSubscription(dispatch, joined, createConsumer(input), type);
  });
}

/** Why a consumer cannot join; null: it can. Pulsar's own sentences. */
function refusalOf(topic: TopicState, input: Subscribe): Refusal | null {
  const { subscription, type } = input;
  for (const { subscriptions: existing } of topic.partitions) {
    const found = existing.get(subscription);
    if (found === undefined) return subscriptionNotFound(topic.name, subscription);
    const { dispatcher } = found;
    const problem =
      dispatcher === null
        ? rangeProblem(input)
        : (busyWith(typeOf(dispatcher), type) ?? policyProblem(dispatcher, input));
    if (problem !== null) return { kind: 'refused', code: 'CONSUMER_BUSY', details: { problem } };
  }
  return null;
}

function busyWith(active: SubscriptionType, asked: SubscriptionType): string | null {
  if (active !== asked) {
    return (
      `Subscription is of different type. Active subscription type of '${PULSAR_SPELLING[active]}' ` +
      `is different than the connecting consumer's type '${PULSAR_SPELLING[asked]}'.`
    );
  }
  return active === 'exclusive' ? 'Exclusive consumer is already connected' : null;
}

/** Of the first consumer: ranges that would be refused whoever is there. */
function rangeProblem({ type, keyShared = AUTO_SPLIT }: Subscribe): string | null {
  return type === 'key-shared' && keyShared.mode === 'sticky' ? stickyConflict(new Map(), keyShared.ranges) : null;
}

/** The first consumer of a Key_Shared subscription decides about its policy. */
function policyProblem(dispatcher: DispatcherState, { keyShared = AUTO_SPLIT }: Subscribe): string | null {
  if (!('policy' in dispatcher)) return null;
  const { mode, allowOutOfOrderDelivery } = dispatcher.policy;
  const isSame = mode === keyShared.mode && allowOutOfOrderDelivery === keyShared.allowOutOfOrderDelivery;
  if (!isSame) return 'Subscription has another key-shared policy than the connecting consumer';
  return selectorConflict(dispatcher.selector, keyShared);
}

export type ConsumerRequest = Extract<BrokerInput, { kind: 'flow' | 'ack' | 'ack-cumulative' | 'redeliver' }>;

/** What a consumer asks for after it left is ignored: its connection is gone, and its last requests with it. */
export function perform(state: BrokerState, input: ConsumerRequest, actions: BrokerAction[]): void {
  const connection = state.connections.get(input.consumerId);
  if (connection === undefined) return;
  const topic = findTopic(state.topics, connection.topic);
  const partition = topic && partitionAt(topic, input.partition);
  const subscription = partition?.subscriptions.get(connection.subscription);
  invariant(partition !== undefined && subscription !== undefined, 'a connection leads to its subscription');
  const consumer = findConsumer(subscription.consumers, input.consumerId);
  invariant(consumer !== null, 'a connected consumer is listed in every partition');
  performAt(dispatchAt(state, partition, subscription, actions), subscription, consumer, input);
}

function performAt(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  consumer: ConsumerState,
  input: ConsumerRequest,
): void {
  switch (input.kind) {
    case 'flow':
      addPermits(dispatch, subscription, consumer, input.permits);
      return;
    case 'ack':
      if (input.batchIndexes === undefined) acknowledgePosition(dispatch, subscription, consumer, input.position);
      else acknowledgeIndexes(dispatch, subscription, consumer, input.position, input.batchIndexes);
      return;
    case 'ack-cumulative':
      acknowledgeUpTo(dispatch, subscription, input.position);
      return;
    case 'redeliver':
      takeBack(dispatch, subscription, consumer, input.positions);
      return;
    default:
      unreachable(input, 'request of a consumer');
  }
}

/** A subscription that is not durable goes with its last consumer. */
export function leave(state: BrokerState, consumerId: number, actions: BrokerAction[]): void {
  const connection = state.connections.get(consumerId);
  const topic = connection && findTopic(state.topics, connection.topic);
  if (connection === undefined || topic === undefined) return;
  state.connections.delete(consumerId);
  forEachPartition(state, topic, connection.subscription, actions, (dispatch, subscription, { subscriptions }) => {
    // Not there: the partition was unloaded, and took its consumers along.
    const consumer = findConsumer(subscription.consumers, consumerId);
    if (consumer !== null) leaveSubscription(dispatch, subscription, consumer);
    if (!subscription.isDurable && subscription.consumers.length === 0) subscriptions.delete(connection.subscription);
  });
}
