/** One consumer of one subscription at one partition, as the broker knows it. */
import { invariant } from '../model/invariant';

export interface ConsumerState {
  readonly id: number;
  readonly name: string;
  /** Messages that it still has room for. */
  permits: number;
  /** Sent and not acknowledged: position → sticky hash, in order of sending. Empty on Exclusive and Failover. */
  readonly pending: Map<number, number>;
}

interface Newcomer {
  readonly consumerId: number;
  readonly consumerName: string;
}

export function createConsumer({ consumerId, consumerName }: Newcomer): ConsumerState {
  return { id: consumerId, name: consumerName, permits: 0, pending: new Map() };
}

export function takePermit(consumer: ConsumerState): void {
  invariant(consumer.permits > 0, 'M6: a consumer without permits gets nothing');
  consumer.permits -= 1;
}

/** Whether anybody can take a message. Consumers are few, and the first one usually can. */
export function somebodyHasPermits(consumers: readonly ConsumerState[]): boolean {
  for (const consumer of consumers) if (consumer.permits > 0) return true;
  return false;
}

export function findConsumer(consumers: readonly ConsumerState[], id: number | null): ConsumerState | null {
  for (const consumer of consumers) if (consumer.id === id) return consumer;
  return null;
}
