/**
 * What the broker's own statistics would print about the producers of a topic (pulsar-semantics 5.3). Looking changes nothing.
 * Sources: PublisherStatsImpl; the property `pulsar.topic.epoch` of a ledger.
 */
import { PULSAR_ACCESS_MODE } from '../model/producer';
import type { BrokerState } from './broker-state';
import { findTopic } from './topic';

/** Of one partition. */
export interface ProducerView {
  /** -1: a plain topic. */
  readonly partition: number;
  /** Of the latest exclusive owner; null: there was none. */
  readonly topicEpoch: number | null;
  /** Connected, in order of coming, by Pulsar's names. */
  readonly publishers: readonly { readonly producerName: string; readonly accessMode: string }[];
  /** Names of those who wait until they are alone. */
  readonly waiting: readonly string[];
}

/** One view per partition, in their order; null: there is no such topic. */
export function viewProducers(state: BrokerState, topic: string): readonly ProducerView[] | null {
  const partitions = findTopic(state.topics, topic)?.partitions;
  if (partitions === undefined) return null;
  return partitions.map(({ partition, producers: { epoch, connected, waiting } }) => ({
    ...{ partition, topicEpoch: epoch, waiting: waiting.map(({ name }) => name) },
    publishers: [...connected.values()].map(({ name, accessMode }) => ({
      ...{ producerName: name, accessMode: PULSAR_ACCESS_MODE[accessMode] },
    })),
  }));
}
