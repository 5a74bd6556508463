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
export function partitionAt(topic: TopicState, number: number): PartitionState | undefined {
  return topic.partitions[Math.max(number, 0)];
}
