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
import { OrderlabError } from '../../shared/errors';
import { invariant } from '../../shared/model/invariant';
import type { Delivery, LogEntry } from '../../shared/model/message';
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
  /** Full name → its partitions; 0: a plain topic. */
  readonly topics = new Map<string, number>();
  readonly #name: string;
  readonly #policies: NamespacePolicies;
  readonly #stamps = new Map<string, MessageStamps>();
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
    const own = this.topics.get(fullName);
    if (own !== undefined) return own;
    const [, whole = '', number = ''] = /^(.*)-partition-(\d+)$/.exec(fullName) ?? [];
    return Number(number) < (this.topics.get(whole) ?? 0) && number !== '' ? 0 : null;
  }

  async createTopic(fullName: string, partitionCount: number): Promise<void> {
    await this.broker.createTopic(fullName, partitionCount);
    this.topics.set(fullName, partitionCount);
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
    try {
      return this.broker.view(fullName, subscription).length > 0;
    } catch (thrown) {
      if (thrown instanceof OrderlabError && thrown.code === 'SUBSCRIPTION_NOT_FOUND') return false;
      throw thrown;
    }
  }

  /** Throws RefusedError when the name is taken. */
  admitProducer(fullName: string, producerName: string): { release(): void } {
    const entry = JSON.stringify([fullName, producerName]);
    if (this.#producers.has(entry)) {
      const sentence = `Producer with name '${producerName}' is already connected to topic '${fullName}'`;
      throw clientRefused(CONFLICT, sentence);
    }
    this.#producers.add(entry);
    return { release: () => this.#producers.delete(entry) };
  }

  /** Of a plain topic or of one partition. */
  stampsOf(logName: string): MessageStamps {
    const stamps = this.#stamps.get(logName) ?? new MessageStamps();
    this.#stamps.set(logName, stamps);
    return stamps;
  }

  /** A delivery or a log entry as it is pushed. */
  pushOf(message: Delivery | LogEntry, redeliveryCount: number): Push {
    const id = parseMessageId(message.messageId);
    invariant(id !== null, 'the model prints its message ids as Pulsar does');
    const stamp = this.stampsOf(logNameOf(message.topic, message.partition)).at(id.entryId);
    invariant(stamp !== undefined, 'every message came through this server');
    const { payload, properties, key } = message;
    const { publishedAtMs, eventTime, isKeyed } = stamp;
    const shownKey = isKeyed ? key : null;
    return {
      messageId: messageIdText(id),
      payload,
      properties,
      publishedAtMs,
      redeliveryCount,
      eventTime,
      key: shownKey,
    };
  }
}

/** The name under which a log is a topic of its own. */
export function logNameOf(fullName: string, partition: number): string {
  return partition === -1 ? fullName : `${fullName}-partition-${partition}`;
}
