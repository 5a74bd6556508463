/** The broker's whole state: plain data, so that it can be put aside, taken up again and compared. */
import { invariant } from '../model/invariant';
import type { BrokerAction, Refusal } from './broker-action';
import type { BrokerSettings } from './broker-settings';
import type { Dispatch } from './dispatch';
import type { PartitionState } from './partition';
import { copyPlain, hashPlain } from './plain-data';
import type { SubscriptionState } from './subscription';
import type { TopicState } from './topic';

export interface Connection {
  readonly topic: string;
  readonly subscription: string;
}

export interface ProducerConnection {
  readonly topic: string;
  readonly name: string;
  /** Partitions where it waits until it is alone. */
  readonly waitingIn: Set<number>;
}

export interface BrokerState {
  readonly settings: BrokerSettings;
  readonly topics: Map<string, TopicState>;
  /** Consumer id → where it listens. */
  readonly connections: Map<number, Connection>;
  /** Producer id → where it writes, or waits to. */
  readonly producers: Map<number, ProducerConnection>;
  nextLedgerId: number;
  /** Time of the latest input. */
  nowMs: number;
}

export function createBroker(settings: BrokerSettings): BrokerState {
  const empty = { topics: new Map(), connections: new Map(), producers: new Map() };
  return { settings, ...empty, nextLedgerId: 1, nowMs: Number.NEGATIVE_INFINITY };
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

/** What a dispatcher works with in this step. */
export function dispatchAt(
  { settings, nowMs }: BrokerState,
  { topic, partition, log, settings: ownSettings }: PartitionState,
  { cursor, consumers, isDurable, unacked }: SubscriptionState,
  actions: BrokerAction[],
): Dispatch {
  return {
    settings: ownSettings ?? settings,
    nowMs,
    topic,
    partition,
    log,
    cursor,
    consumers,
    isDurable,
    unacked,
    actions,
  };
}

/** Acts on the subscription of that name in every partition of the topic. */
export function forEachPartition(
  state: BrokerState,
  topic: TopicState,
  name: string,
  actions: BrokerAction[],
  act: (dispatch: Dispatch, subscription: SubscriptionState, partition: PartitionState) => void,
): void {
  for (const partition of topic.partitions) {
    const subscription = partition.subscriptions.get(name);
    invariant(subscription !== undefined, 'a subscription exists in every partition of its topic');
    act(dispatchAt(state, partition, subscription, actions), subscription, partition);
  }
}

export function topicNotFound(topic: string): Refusal {
  return { kind: 'refused', code: 'TOPIC_NOT_FOUND', details: { topic } };
}

export function subscriptionNotFound(topic: string, subscription: string): Refusal {
  return { kind: 'refused', code: 'SUBSCRIPTION_NOT_FOUND', details: { subscription, topic } };
}
