/** Topics and subscriptions of one namespace through the admin API: what every adapter of a real Pulsar does alike. */
import { OrderlabError } from '../errors';
import type { ProducerOptions } from '../model/producer';
import type { SubscribeOptions, TopicStats } from '../model/subscription';
import type { PulsarAdmin } from './pulsar-admin';
import type { SubscriptionStats } from './pulsar-admin-answer';

/** A topic of which it is known that it exists. */
export interface PulsarTopic {
  readonly name: string;
  readonly partitionCount: number;
}

export class PulsarTopics {
  readonly #admin: PulsarAdmin;
  readonly #namespace: string;
  readonly #known = new Map<string, PulsarTopic>();

  constructor(admin: PulsarAdmin, namespace: string) {
    this.#admin = admin;
    this.#namespace = namespace;
  }

  /** `tenant/namespace/topic`. */
  pathOf(name: string): string {
    return `${this.#namespace}/${name}`;
  }

  async create(topic: string, partitionCount: number): Promise<void> {
    if (!Number.isSafeInteger(partitionCount) || partitionCount < 0) {
      throw new OrderlabError('USAGE', { problem: `a topic has 0 or more partitions, got ${partitionCount}` });
    }
    await this.#admin.createTopic(this.pathOf(topic), partitionCount);
  }

  async createSubscription(topic: string, subscription: string): Promise<void> {
    const { name } = await this.find(topic);
    await this.#admin.createSubscription(this.pathOf(name), subscription);
  }

  /** Errors: TOPIC_NOT_FOUND. The number of partitions never changes here, so it is asked for once. */
  async find(name: string): Promise<PulsarTopic> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const partitionCount = await this.#admin.partitionCount(this.pathOf(name));
    if (partitionCount === null) throw new OrderlabError('TOPIC_NOT_FOUND', { topic: name });
    const topic = { name, partitionCount };
    this.#known.set(name, topic);
    return topic;
  }

  /** Errors: SUBSCRIPTION_NOT_FOUND. */
  async stats(topic: string, subscription: string): Promise<TopicStats> {
    const { name, partitionCount } = await this.find(topic);
    const stats = await this.#admin.subscriptionStats(this.pathOf(name), partitionCount, subscription);
    if (stats === null) throw new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic });
    const total = (of: (one: SubscriptionStats) => number): number => stats.reduce((sum, one) => sum + of(one), 0);
    return {
      backlog: total(({ backlog }) => backlog),
      unackedCount: total(({ unackedCount }) => unackedCount),
      drainingHashCount: total(({ drainingHashCount }) => drainingHashCount),
    };
  }
}

/** -1 alone: a plain topic. */
export function partitionsOf({ partitionCount }: PulsarTopic): readonly number[] {
  return partitionCount === 0 ? [-1] : Array.from({ length: partitionCount }, (_, index) => index);
}

/** The name under which a partition is a plain topic. */
export function partitionName(topic: string, partition: number): string {
  return partition === -1 ? topic : `${topic}-partition-${partition}`;
}

/** What a consumer may ask for beside its type. */
type Extra = 'priorityLevel' | 'ackTimeoutMs' | 'deadLetter' | 'keyShared';

/** Refuses by name what an adapter does not pass on: a consumer that only seemed to have it would be a false witness. */
export function refuseExtras(options: SubscribeOptions, unserved: readonly Extra[], insteadUse: string): void {
  const { priorityLevel = 0, ackTimeoutMs = 0, deadLetter = null, keyShared } = options;
  const isOrdinary = keyShared === undefined || (keyShared.mode === 'auto-split' && !keyShared.allowOutOfOrderDelivery);
  const isAsked: Readonly<Record<Extra, boolean>> = {
    priorityLevel: priorityLevel !== 0,
    ackTimeoutMs: ackTimeoutMs !== 0,
    deadLetter: deadLetter !== null,
    keyShared: !isOrdinary,
  };
  const refused = unserved.find((extra) => isAsked[extra]);
  if (refused === undefined) return;
  throw new OrderlabError('USAGE', { problem: `this broker address does not serve ${refused}: use ${insteadUse}` });
}

/** What this way to the broker cannot do for a producer, or would do without a word. */
export function refuseProducerOptions(
  { accessMode = 'shared', batching = null }: ProducerOptions,
  unserved: readonly (keyof ProducerOptions)[],
  insteadUse: string,
): void {
  const isAsked = { accessMode: accessMode !== 'shared', batching: batching !== null };
  const refused = unserved.find((option) => isAsked[option]);
  if (refused === undefined) return;
  throw new OrderlabError('USAGE', { problem: `this broker address does not serve ${refused}: use ${insteadUse}` });
}

/** As every client of Pulsar refuses it: with a queue of 0 each partition would be asked for a message per receive. */
export function checkQueueSize(receiverQueueSize: number, partitionCount: number): void {
  const sizeMin = partitionCount > 1 ? 1 : 0;
  if (Number.isSafeInteger(receiverQueueSize) && receiverQueueSize >= sizeMin) return;
  const problem = `receiverQueueSize is a whole number from ${sizeMin} on ${partitionCount} partitions`;
  throw new OrderlabError('USAGE', { problem: `${problem}, got ${receiverQueueSize}` });
}
