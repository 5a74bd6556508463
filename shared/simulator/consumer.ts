/** One consumer of one subscription at one partition, as the broker knows it. */
import { invariant } from '../model/invariant';
import type { KeySharedPolicy } from '../model/subscription';

export interface ConsumerState {
  readonly id: number;
  readonly name: string;
  /** Shared and Failover: who has the lowest is served first. */
  readonly priorityLevel: number;
  /** What it asked for; of use on Key_Shared only. */
  readonly keyShared: KeySharedPolicy;
  /** Messages that it still has room for. Below 0 after a batch that was larger than its room: an entry is sent whole. */
  permits: number;
  /** At its limit of unacknowledged messages: it gets nothing, and what it asks for is put aside. */
  isBlocked: boolean;
  /** Permits that came while it was blocked. */
  permitsPutAside: number;
  /** Messages in what is pending, without those of batches that are acknowledged one by one. */
  unackedCount: number;
  /** Entries that were sent and are not acknowledged: position → sticky hash, in order of sending. Empty on Exclusive and Failover. */
  readonly pending: Map<number, number>;
}

interface Newcomer {
  readonly consumerId: number;
  readonly consumerName: string;
  readonly priorityLevel?: number;
  readonly keyShared?: KeySharedPolicy;
}

/** Pulsar's default. */
export const AUTO_SPLIT: KeySharedPolicy = Object.freeze({ mode: 'auto-split', allowOutOfOrderDelivery: false });

export function createConsumer({ consumerId, consumerName, ...asked }: Newcomer): ConsumerState {
  const { priorityLevel = 0, keyShared = AUTO_SPLIT } = asked;
  const start = { permits: 0, isBlocked: false, permitsPutAside: 0, unackedCount: 0, pending: new Map() };
  return { id: consumerId, name: consumerName, priorityLevel, keyShared, ...start };
}

export function takePermits(consumer: ConsumerState, count: number): void {
  invariant(consumer.permits > 0, 'M6: a consumer without permits gets nothing');
  consumer.permits -= count;
}

export function givePermits(consumer: ConsumerState, permits: number): void {
  invariant(Number.isSafeInteger(permits) && permits > 0, 'a flow brings at least one permit');
  if (consumer.isBlocked) consumer.permitsPutAside += permits;
  else consumer.permits += permits;
}

export function unblockConsumer(consumer: ConsumerState): void {
  consumer.isBlocked = false;
  consumer.permits += consumer.permitsPutAside;
  consumer.permitsPutAside = 0;
}

/** Whether it can take a message now. */
export function isAvailable({ permits, isBlocked }: ConsumerState): boolean {
  return permits > 0 && !isBlocked;
}

/** Whether anybody can take a message. Consumers are few, and the first one usually can. */
export function somebodyIsAvailable(consumers: readonly ConsumerState[]): boolean {
  for (const consumer of consumers) if (isAvailable(consumer)) return true;
  return false;
}

export function findConsumer(consumers: readonly ConsumerState[], id: number | null): ConsumerState | null {
  for (const consumer of consumers) if (consumer.id === id) return consumer;
  return null;
}
