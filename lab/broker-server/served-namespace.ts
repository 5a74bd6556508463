/**
 * Served namespace: an embedded broker of its own, so that deleting it forgets everything and no namespace slows another.
 * Topics have their full names inside, since Failover hashes them.
 */
import {
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
  openEmbeddedBroker,
} from '../../shared/adapters/embedded-broker';
import { parseMessageId } from '../../shared/adapters/pulsar-message-id';
import { type ErrorCode, OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import type { Delivery } from '../../shared/model/message';
import type { Push } from './frame';
import { messageIdText } from './message-id-text';
import { MessageStamps } from './message-stamps';
import { CONFLICT, clientRefused, INTERNAL_ERROR, NOT_FOUND } from './refusal';

/** What a namespace was created with. Pulsar's own default allows both. */
export interface NamespacePolicies {
  readonly createsTopics: boolean;
  readonly createsSubscriptions: boolean;
}

export class ServedNamespace {
  readonly broker: EmbeddedBroker;
  readonly stamps = new MessageStamps();
  readonly #name: string;
  readonly #policies: NamespacePolicies;
  /** Full name → partitions, of topics that have some. */
  readonly #partitioned = new Map<string, number>();
  /** Topic and name of each producer: no two may be connected under one name. */
  readonly #producers = new Set<string>();

  constructor(name: string, policies: NamespacePolicies, options: EmbeddedBrokerOptions) {
    this.#name = name;
    this.#policies = policies;
    this.broker = openEmbeddedBroker(options);
  }

  fullName(topic: string): string {
    return `persistent://${this.#name}/${topic}`;
  }

  /** 0: a plain topic, or one partition of another; null: there is no such topic. */
  partitionCount(fullName: string): number | null {
    return this.#partitioned.get(fullName) ?? (this.#isThere(fullName) ? 0 : null);
  }

  async createTopic(fullName: string, partitionCount: number): Promise<void> {
    await this.broker.createTopic(fullName, partitionCount);
    if (partitionCount > 0) this.#partitioned.set(fullName, partitionCount);
  }

  /** Whether it is one of the logs of a topic that has several. */
  isPartition(fullName: string): boolean {
    return [...this.#partitioned].some(([topic, count]) =>
      Array.from({ length: count }, (_, index) => logNameOf(topic, index)).includes(fullName),
    );
  }

  /** With all its partitions. Errors: IN_USE while somebody is connected and it is not forced. */
  deleteTopic(fullName: string, isForced: boolean): void {
    this.broker.deleteTopic(fullName, { isForced });
    this.#partitioned.delete(fullName);
  }

  /** As a client that connects: the topic is made where the policies allow it. Throws RefusedError. */
  async openTopic(fullName: string): Promise<number> {
    const existing = this.partitionCount(fullName);
    if (existing !== null) return existing;
    if (!this.#policies.createsTopics) throw clientRefused(NOT_FOUND, `Topic ${fullName} not found`);
    await this.createTopic(fullName, 0);
    return 0;
  }

  /** As a consumer that connects. Throws RefusedError. */
  async openSubscription(fullName: string, subscription: string, from: 'earliest' | 'latest'): Promise<void> {
    if (this.hasSubscription(fullName, subscription)) return;
    if (!this.#policies.createsSubscriptions) throw clientRefused(INTERNAL_ERROR, 'Subscription does not exist');
    await this.broker.createSubscription(fullName, subscription, from);
  }

  hasSubscription(fullName: string, subscription: string): boolean {
    return isFound('SUBSCRIPTION_NOT_FOUND', () => this.broker.view(fullName, subscription));
  }

  /** Throws RefusedError when the name is taken. Returns what frees it. */
  admitProducer(fullName: string, producerName: string): () => void {
    const entry = JSON.stringify([fullName, producerName]);
    if (this.#producers.has(entry)) {
      const sentence = `Producer with name '${producerName}' is already connected to topic '${fullName}'`;
      throw clientRefused(CONFLICT, sentence);
    }
    this.#producers.add(entry);
    return () => void this.#producers.delete(entry);
  }

  /** A delivery as it is pushed. */
  pushOf({ messageId, payload, properties, redeliveryCount, key }: Delivery): Push {
    const id = parseMessageId(messageId);
    invariant(id !== null, 'the model prints its message ids as Pulsar does');
    const { publishedAtMs, eventTime, isKeyed } = this.stamps.of(properties);
    const shown = { messageId: messageIdText(id), key: isKeyed ? key : null };
    return { ...shown, payload, properties, publishedAtMs, redeliveryCount, eventTime };
  }

  #isThere(fullName: string): boolean {
    return isFound('TOPIC_NOT_FOUND', () => this.broker.viewLogs(fullName));
  }
}

function isFound(code: ErrorCode, look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch (thrown) {
    if (thrown instanceof OrderlabError && thrown.code === code) return false;
    throw thrown;
  }
}

/** The name under which a log is a topic of its own. */
export function logNameOf(fullName: string, partition: number): string {
  return partition === -1 ? fullName : `${fullName}-partition-${partition}`;
}
