/**
 * The broker as a state machine of plain data: `step` changes the state in place and says what the shell must do.
 *
 * It is Pulsar's broker as far as a topic and its subscriptions go (pulsar-semantics 1 to 4). Same state and same
 * input, same actions: no clock, no chance, no identity of objects is consulted.
 */
import { invariant, unreachable } from '../model/invariant';
import type { BrokerAction, LogName } from './broker-action';
import { leave, perform, subscribe } from './broker-consumers';
import type { BrokerInput } from './broker-input';
import { restart, seek, unload } from './broker-outage';
import { createProducer, leaveProducer, mayPublish } from './broker-producers';
import { deleteSubscription, deleteTopic, unsubscribe } from './broker-removal';
import type { TopicPolicies } from './broker-settings';
import { expire, expireWhenDue, skip, watchExpiry } from './broker-skipping';
import { type BrokerState, dispatchAt, topicNotFound } from './broker-state';
import { backlogOf } from './cursor';
import { duplicateId, isDuplicate, noteStored } from './deduplication';
import type { Entry } from './entry';
import { murmurHash } from './murmur-hash';
import { append, type PartitionState } from './partition';
import { partitionOf } from './partition-routing';
import { startIn } from './start-position';
import { createSubscription, runDispatcher } from './subscription';
import { createTopic, findTopic, partitionAt } from './topic';

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
    case 'create-producer':
      createProducer(state, input, actions);
      return;
    case 'leave-producer':
      leaveProducer(state, input.producerId, actions);
      return;
    case 'publish':
      publish(state, input, actions);
      return;
    case 'publish-batch':
      publishBatch(state, input, actions);
      return;
    case 'subscribe':
      subscribe(state, input, actions);
      return;
    case 'flow':
    case 'ack':
    case 'ack-cumulative':
    case 'redeliver':
      perform(state, input, actions);
      return;
    case 'leave':
      leave(state, input.consumerId, actions);
      return;
    case 'set-topic-policies':
      setPolicies(state, input.topic, input.policies, actions);
      return;
    case 'unload':
      unload(state, input.topic, actions);
      return;
    case 'restart':
      restart(state, input.losesAcks, actions);
      return;
    case 'seek':
      seek(state, input, actions);
      return;
    case 'delete-topic':
      deleteTopic(state, input, actions);
      return;
    case 'delete-subscription':
      deleteSubscription(state, input, actions);
      return;
    case 'unsubscribe':
      unsubscribe(state, input, actions);
      return;
    case 'skip':
      skip(state, input, actions);
      return;
    case 'expire':
      expire(state, input, actions);
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
  const { subscription: name, from = 'earliest', isDurable = true } = input;
  const topic = findTopic(state.topics, input.topic);
  if (topic === undefined) {
    actions.push(topicNotFound(input.topic));
    return;
  }
  for (const partition of topic.partitions) {
    const { subscriptions: existing, log, partition: number } = partition;
    if (!existing.has(name)) existing.set(name, createSubscription(startIn(from, number, log.length), isDurable));
    watchExpiry(state, partition, actions);
  }
}

function setPolicies(state: BrokerState, topicName: string, policies: TopicPolicies, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, topicName);
  if (topic === undefined) {
    actions.push(topicNotFound(topicName));
    return;
  }
  for (const partition of topic.partitions) {
    partition.settings = { ...(partition.settings ?? state.settings), ...policies };
    watchExpiry(state, partition, actions);
  }
}

type Publish = Extract<BrokerInput, { kind: 'publish' }>;

function publish(state: BrokerState, input: Publish, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, input.topic);
  if (topic === undefined) {
    actions.push(topicNotFound(input.topic));
    return;
  }
  const murmur = murmurHash(input.message.key);
  const partition = partitionAt(topic, partitionOf(murmur, topic.partitionCount));
  invariant(partition !== undefined, 'routing names a partition of the topic');
  if (!isAccepted(state, partition, input, actions)) return;
  announce(state, partition, append(partition, input.message, null, murmur, state.nowMs), actions);
}

type PublishBatch = Extract<BrokerInput, { kind: 'publish-batch' }>;

/** Who gets it is decided by the key of its first message. */
function publishBatch(state: BrokerState, input: PublishBatch, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, input.topic);
  const partition = topic && partitionAt(topic, input.partition);
  if (partition === undefined) {
    actions.push(topicNotFound(input.topic));
    return;
  }
  if (!isAccepted(state, partition, input, actions)) return;
  const [first, ...others] = input.messages;
  const batch = others.length === 0 ? null : input.messages;
  announce(state, partition, append(partition, first, batch, murmurHash(first.key), state.nowMs), actions);
}

/** Otherwise it has its answer: the producer was cut off, or the message is a duplicate. */
function isAccepted(
  state: BrokerState,
  partition: PartitionState,
  { origin, producerId }: Publish | PublishBatch,
  actions: BrokerAction[],
): boolean {
  if (producerId !== undefined && !mayPublish(state, partition, producerId, actions)) return false;
  if (origin === undefined) return true;
  const { deduplicationEnabled } = partition.settings ?? state.settings;
  if (deduplicationEnabled && isDuplicate(partition.sequenceIds, origin)) {
    actions.push({ kind: 'stored', messageId: duplicateId(partition.partition) });
    return false;
  }
  noteStored(partition.sequenceIds, origin);
  return true;
}

function announce(state: BrokerState, partition: PartitionState, { messageId }: Entry, actions: BrokerAction[]): void {
  actions.push({ kind: 'stored', messageId });
  watchExpiry(state, partition, actions);
  for (const subscription of partition.subscriptions.values()) {
    runDispatcher(dispatchAt(state, partition, subscription, actions), subscription, { kind: 'published' });
  }
}

function tick(state: BrokerState, actions: BrokerAction[]): void {
  for (const topic of state.topics.values()) {
    for (const partition of topic.partitions) {
      expireWhenDue(state, partition, actions);
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
export interface PartitionLog extends LogName {
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
