/** One log with its subscriptions: a plain topic, or one partition of a partitioned topic. */
import type { OutgoingMessage } from '../model/message';
import type { BrokerSettings } from './broker-settings';
import type { SequenceIds } from './deduplication';
import type { BatchMessage, Entry } from './entry';
import type { SubscriptionState } from './subscription';
import { createTopicProducers, type TopicProducers } from './topic-producers';

export interface PartitionState {
  readonly topic: string;
  /** -1 on a plain topic. */
  readonly partition: number;
  /** The model never rolls a ledger over: one log, one ledger. */
  readonly ledgerId: number;
  /** Append only; an entry's position is its index. */
  readonly log: Entry[];
  readonly subscriptions: Map<string, SubscriptionState>;
  readonly producers: TopicProducers;
  /** Of every producer that told its own, deduplicated or not. */
  readonly sequenceIds: SequenceIds;
  /** Those of the broker with the policies of this topic; null: it has none. */
  settings: BrokerSettings | null;
  /** When somebody looks for expired messages; null: there is nothing to look for. */
  expiryCheckAtMs: number | null;
}

export function createPartition(topic: string, partition: number, ledgerId: number): PartitionState {
  const empty = { log: [], subscriptions: new Map(), sequenceIds: new Map(), settings: null, expiryCheckAtMs: null };
  return { topic, partition, ledgerId, producers: createTopicProducers(), ...empty };
}

/** Appends an entry and returns it: a message, or a batch that begins with it. `murmur`: of its key. */
export function append(
  partition: PartitionState,
  { key, payload, properties }: OutgoingMessage,
  batch: readonly OutgoingMessage[] | null,
  murmur: number,
  nowMs: number,
): Entry {
  const position = partition.log.length;
  const entry: Entry = Object.freeze({
    messageId: `${partition.ledgerId}:${position}:${partition.partition}`,
    topic: partition.topic,
    partition: partition.partition,
    position,
    key,
    payload,
    properties,
    murmur,
    publishedAtMs: nowMs,
    batch: batch === null ? null : batch.map(bare),
  });
  partition.log.push(entry);
  return entry;
}

function bare({ key, payload, properties }: OutgoingMessage): BatchMessage {
  return { key, payload, properties };
}
