/** The drop-in's cluster: the embedded broker under Pulsar's names, with what a standalone does of its own accord. */
import { type EmbeddedBroker, openEmbeddedBroker } from '../../../shared/adapters/embedded-broker';
import { systemClock } from '../../../shared/adapters/system-clock';

/** Pulsar waits 1,000 ms before a new active consumer is served; a test that waits for it learns nothing more. */
const FAILOVER_DELAY_MS = 50;

export class Cluster {
  /** Negative acknowledgements are timed by the client, as its options say; the broker is told when they are due. */
  readonly broker: EmbeddedBroker = openEmbeddedBroker({
    clock: systemClock,
    negativeAckDelayMs: 0,
    failoverDelayMs: FAILOVER_DELAY_MS,
  });
  readonly #partitionCounts = new Map<string, number>();
  readonly #producers = new Set<string>();
  /** How often a subscription was removed: the next one of its name is another one. */
  readonly #removals = new Map<string, number>();
  readonly #joined = new Map<string, number>();
  #nextName = 0;

  /** Creates the topic where it is missing; 0: a plain one. A topic that exists keeps its partitions. */
  async ensureTopic(topic: string, partitionCount = 0): Promise<void> {
    if (this.#partitionCounts.has(topic) || this.#partitionCounts.has(topic.replace(/-partition-\d+$/, ''))) return;
    this.#partitionCounts.set(topic, partitionCount);
    await this.broker.createTopic(topic, partitionCount);
  }

  /** 0: a plain topic, or one that does not exist. */
  partitionCountOf(topic: string): number {
    return this.#partitionCounts.get(topic) ?? 0;
  }

  async ensureSubscription(topic: string, subscription: string, from: 'earliest' | 'latest'): Promise<void> {
    await this.broker.createSubscription(topic, this.subscriptionName(topic, subscription), from);
  }

  subscriptionName(topic: string, subscription: string): string {
    const removals = this.#removals.get(keyOf(topic, subscription)) ?? 0;
    return removals === 0 ? subscription : `${subscription}~${removals}`;
  }

  /** Entries that nobody has acknowledged. */
  async backlog(topic: string, subscription: string): Promise<number> {
    return (await this.broker.stats(topic, this.subscriptionName(topic, subscription))).backlog;
  }

  countMember(topic: string, subscription: string, change: 1 | -1): void {
    const key = keyOf(topic, subscription);
    this.#joined.set(key, (this.#joined.get(key) ?? 0) + change);
  }

  memberCount(topic: string, subscription: string): number {
    return this.#joined.get(keyOf(topic, subscription)) ?? 0;
  }

  removeSubscription(topic: string, subscription: string): void {
    const key = keyOf(topic, subscription);
    this.#removals.set(key, (this.#removals.get(key) ?? 0) + 1);
  }

  /** False when a producer of that name is connected to the topic. */
  takeProducerName(topic: string, name: string): boolean {
    const key = keyOf(topic, name);
    if (this.#producers.has(key)) return false;
    this.#producers.add(key);
    return true;
  }

  freeProducerName(topic: string, name: string): void {
    this.#producers.delete(keyOf(topic, name));
  }

  /** As the broker names producers and consumers that do not name themselves. */
  freshName(): string {
    this.#nextName += 1;
    return `standalone-0-${this.#nextName}`;
  }
}

/** `users` → `persistent://public/default/users`. */
export function fullTopicName(topic: string): string {
  if (topic.includes('://')) return topic;
  return topic.split('/').length === 3 ? `persistent://${topic}` : `persistent://public/default/${topic}`;
}

function keyOf(topic: string, name: string): string {
  return JSON.stringify([topic, name]);
}
