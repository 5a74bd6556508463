/** A topic: one log, or one per partition. */
import { createPartition, type PartitionState } from './partition';

export interface TopicState {
  readonly name: string;
  /** 0: a plain topic. */
  readonly partitionCount: number;
  /** One of number -1 on a plain topic, else one per number from 0. */
  readonly partitions: readonly PartitionState[];
}

export function createTopic(name: string, partitionCount: number, firstLedgerId: number): TopicState {
  const numbers = partitionCount === 0 ? [-1] : Array.from({ length: partitionCount }, (_, index) => index);
  const partitions = numbers.map((number, index) => createPartition(name, number, firstLedgerId + index));
  return { name, partitionCount, partitions };
}

/** The partition of that number; undefined when the topic has none. */
export function partitionAt({ partitions }: TopicState, number: number): PartitionState | undefined {
  return partitions.length === 1 ? partitions[0] : partitions[Math.max(number, 0)];
}

/**
 * The topic of that name. A partition has a name of its own, `TOPIC-partition-NUMBER`, under which it is a topic like a
 * plain one, except that it keeps its number; undefined: there is neither. Source: TopicName.getPartition.
 */
export function findTopic(topics: ReadonlyMap<string, TopicState>, name: string): TopicState | undefined {
  const topic = topics.get(name);
  if (topic !== undefined) return topic;
  const [, whole = '', number = ''] = /^(.*)-partition-(\d+)$/.exec(name) ?? [];
  const partition = topics.get(whole)?.partitions.find((each) => each.partition === Number(number));
  return partition && { name, partitionCount: 0, partitions: [partition] };
}
