/**
 * The broker as a state machine of plain data: `step` changes the state in place and says what the shell must do.
 *
 * It is Pulsar's broker as far as a topic and its subscriptions go (pulsar-semantics 1 to 4). Same state and same
 * input, same actions: no clock, no chance, no identity of objects is consulted.
 */
import { invariant, unreachable } from '../model/invariant';
import type { OutgoingMessage } from '../model/message';
import { PULSAR_SPELLING, type SubscriptionType } from '../model/subscription';
import type { BrokerAction, Refusal } from './broker-action';
import type { BrokerInput } from './broker-input';
import type { BrokerSettings } from './broker-settings';
import { type ConsumerState, createConsumer, findConsumer } from './consumer';
import { backlogOf } from './cursor';
import type { Dispatch } from './dispatch';
import type { Entry } from './entry';
import { murmurHash } from './murmur-hash';
import { append, type PartitionState } from './partition';
import { partitionOf } from './partition-routing';
import { copyPlain, hashPlain } from './plain-data';
import {
  acknowledgePosition,
  addPermits,
  createSubscription,
  joinSubscription,
  leaveSubscription,
  runDispatcher,
  type SubscriptionState,
  takeBack,
  typeOf,
} from './subscription';
import { createTopic, findTopic, partitionAt, type TopicState } from './topic';

interface Connection {
  readonly topic: string;
  readonly subscription: string;
}

export interface BrokerState {
  readonly settings: BrokerSettings;
  readonly topics: Map<string, TopicState>;
  /** Consumer id → where it listens. */
  readonly connections: Map<number, Connection>;
  nextLedgerId: number;
  /** Time of the latest input. */
  nowMs: number;
}

export function createBroker(settings: BrokerSettings): BrokerState {
  return { settings, topics: new Map(), connections: new Map(), nextLedgerId: 1, nowMs: Number.NEGATIVE_INFINITY };
}

/** A state put aside. It shares nothing with the running broker that can change. */
export interface BrokerSnapshot {
  readonly kept: BrokerState;
}

export function snapshot(state: BrokerState): BrokerSnapshot {
  return { kept: copyPlain(state) };
}

/** A broker that goes on from the snapshot, which can be restored again. */
export function restore({ kept }: BrokerSnapshot): BrokerState {
  return copyPlain(kept);
}

/** 16 hexadecimal digits over the whole state. Cost: its size. */
export function hash(state: BrokerState): string {
  return hashPlain(state);
}

/** Applies one input and returns what the shell must do, in order. */
export function step(state: BrokerState, input: BrokerInput): BrokerAction[] {
  invariant(input.nowMs >= state.nowMs, 'time does not run backwards');
  state.nowMs = input.nowMs;
  const actions: BrokerAction[] = [];
  apply(state, input, actions);
  return actions;
}

function apply(state: BrokerState, input: BrokerInput, actions: BrokerAction[]): void {
  switch (input.kind) {
    case 'create-topic':
      makeTopic(state, input.topic, input.partitionCount, actions);
      return;
    case 'create-subscription':
      makeSubscription(state, input, actions);
      return;
    case 'publish':
      publish(state, input.topic, input.message, actions);
      return;
    case 'subscribe':
      subscribe(state, input, actions);
      return;
    case 'flow':
    case 'ack':
    case 'redeliver':
      perform(state, input, actions);
      return;
    case 'leave':
      leave(state, input.consumerId, actions);
      return;
    case 'tick':
      tick(state, actions);
      return;
    default:
      unreachable(input, 'broker input');
  }
}

function makeTopic(state: BrokerState, name: string, partitionCount: number, actions: BrokerAction[]): void {
  invariant(Number.isSafeInteger(partitionCount) && partitionCount >= 0, 'a topic has 0 or more partitions');
  const existing = state.topics.get(name);
  if (existing === undefined) {
    const topic = createTopic(name, partitionCount, state.nextLedgerId);
    state.topics.set(name, topic);
    state.nextLedgerId += topic.partitions.length;
  } else if (existing.partitionCount !== partitionCount) {
    const problem = `topic ${name} has ${existing.partitionCount} partitions already, got ${partitionCount}`;
    actions.push({ kind: 'refused', code: 'USAGE', details: { problem } });
  }
}

type CreateSubscription = Extract<BrokerInput, { kind: 'create-subscription' }>;

function makeSubscription(state: BrokerState, input: CreateSubscription, actions: BrokerAction[]): void {
  const { subscription: name, from } = input;
  const topic = findTopic(state.topics, input.topic);
  if (topic === undefined) {
    actions.push(topicNotFound(input.topic));
    return;
  }
  for (const { subscriptions: existing, log } of topic.partitions) {
    if (!existing.has(name)) existing.set(name, createSubscription(from === 'latest' ? log.length : 0));
  }
}

function topicNotFound(topic: string): Refusal {
  return { kind: 'refused', code: 'TOPIC_NOT_FOUND', details: { topic } };
}

function publish(state: BrokerState, topicName: string, message: OutgoingMessage, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  const murmur = murmurHash(message.key);
  const partition = partitionAt(topic, partitionOf(murmur, topic.partitionCount));
  invariant(partition !== undefined, 'routing names a partition of the topic');
  const { messageId } = append(partition, message, murmur);
  actions.push({ kind: 'stored', messageId });
  for (const subscription of partition.subscriptions.values()) {
    runDispatcher(dispatchAt(state, partition, subscription, actions), subscription, { kind: 'published' });
  }
}

function dispatchAt(
  { settings, nowMs }: BrokerState,
  { topic, partition, log }: PartitionState,
  { cursor, consumers }: SubscriptionState,
  actions: BrokerAction[],
): Dispatch {
  return { settings, nowMs, topic, partition, log, cursor, consumers, actions };
}

type Subscribe = Extract<BrokerInput, { kind: 'subscribe' }>;

function subscribe(state: BrokerState, input: Subscribe, actions: BrokerAction[]): void {
  invariant(!state.connections.has(input.consumerId), 'a consumer id is used once');
  const topic = findTopic(state.topics, input.topic);
  const refusal = topic === undefined ? topicNotFound(input.topic) : refusalOf(topic, input);
  if (topic === undefined || refusal !== null) {
    actions.push(refusal ?? topicNotFound(input.topic));
    return;
  }
  const { consumerId, consumerName, subscription, type } = input;
  state.connections.set(consumerId, { topic: input.topic, subscription });
  const logs = topic.partitions.map(({ ledgerId, partition }) => ({ ledgerId, partition }));
  actions.push({ kind: 'subscribed', consumerId, logs });
  forEachPartition(state, topic, subscription, actions, (dispatch, joined) => {
    joinSubscription(dispatch, joined, createConsumer(consumerId, consumerName), type);
  });
}

/** Why a consumer cannot join; null: it can. Pulsar's own sentences. */
function refusalOf(topic: TopicState, { subscription, type }: Subscribe): Refusal | null {
  for (const { subscriptions: existing } of topic.partitions) {
    const found = existing.get(subscription);
    if (found === undefined) {
      return { kind: 'refused', code: 'SUBSCRIPTION_NOT_FOUND', details: { subscription, topic: topic.name } };
    }
    const problem = found.dispatcher === null ? null : busyWith(typeOf(found.dispatcher), type);
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

function forEachPartition(
  state: BrokerState,
  topic: TopicState,
  name: string,
  actions: BrokerAction[],
  act: (dispatch: Dispatch, subscription: SubscriptionState) => void,
): void {
  for (const partition of topic.partitions) {
    const subscription = partition.subscriptions.get(name);
    invariant(subscription !== undefined, 'a subscription exists in every partition of its topic');
    act(dispatchAt(state, partition, subscription, actions), subscription);
  }
}

type ConsumerRequest = Extract<BrokerInput, { kind: 'flow' | 'ack' | 'redeliver' }>;

/** What a consumer asks for after it left is ignored: its connection is gone, and its last requests with it. */
function perform(state: BrokerState, input: ConsumerRequest, actions: BrokerAction[]): void {
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
      acknowledgePosition(dispatch, subscription, consumer, input.position);
      return;
    case 'redeliver':
      takeBack(dispatch, subscription, consumer, input.positions);
      return;
    default:
      unreachable(input, 'request of a consumer');
  }
}

function leave(state: BrokerState, consumerId: number, actions: BrokerAction[]): void {
  const connection = state.connections.get(consumerId);
  const topic = connection && findTopic(state.topics, connection.topic);
  if (connection === undefined || topic === undefined) return;
  state.connections.delete(consumerId);
  forEachPartition(state, topic, connection.subscription, actions, (dispatch, subscription) => {
    const consumer = findConsumer(subscription.consumers, consumerId);
    invariant(consumer !== null, 'a connected consumer is listed in every partition');
    leaveSubscription(dispatch, subscription, consumer);
  });
}

function tick(state: BrokerState, actions: BrokerAction[]): void {
  for (const topic of state.topics.values()) {
    for (const partition of topic.partitions) {
      for (const subscription of partition.subscriptions.values()) {
        runDispatcher(dispatchAt(state, partition, subscription, actions), subscription, { kind: 'ticked' });
      }
    }
  }
}

/** The logs of a topic, by partition; undefined: there is no such topic. */
export function logsOf(state: BrokerState, topicName: string): readonly PartitionLog[] | undefined {
  return findTopic(state.topics, topicName)?.partitions;
}

/** One log, as a reader sees it. */
export interface PartitionLog {
  /** -1 on a plain topic. */
  readonly partition: number;
  readonly log: readonly Entry[];
}

/** Entries of a subscription that are not acknowledged, over all partitions; null: there is no such subscription. */
export function backlog(state: BrokerState, topicName: string, subscriptionName: string): number | null {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) return null;
  let sum = 0;
  for (const { log, subscriptions: existing } of topic.partitions) {
    const subscription = existing.get(subscriptionName);
    if (subscription === undefined) return null;
    sum += backlogOf(subscription.cursor, log.length);
  }
  return sum;
}
