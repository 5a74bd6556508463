/**
 * Pulsar's admin REST API, as far as the lab needs it (pulsar-semantics 8). Every call ends within the deadline with an
 * answer or an OrderlabError; creating what exists is no error. Topics are named `tenant/namespace/topic`.
 */
import { OrderlabError } from '../errors';
import {
  clustersSchema,
  type InternalStats,
  internalStatsSchema,
  partitionedStatsSchema,
  partitionsSchema,
  type SubscriptionStats,
  subscriptionStatsOf,
  topicStatsSchema,
} from './pulsar-admin-answer';
import { type AdminAnswer, type AdminEndpoint, type AdminRequest, readAnswer, request } from './pulsar-admin-request';
import type { PulsarMessageId } from './pulsar-message-id';

/** Deleting a namespace deletes its topics one by one. */
const DELETE_DEADLINE_MS = 60_000;
const CONFLICT = 409;
const NOT_FOUND = 404;

/** What a namespace of the lab is created with: nothing is ever trimmed, and no misspelt name creates anything. */
const NAMESPACE_POLICIES = {
  retention_policies: { retentionTimeInMinutes: -1, retentionSizeInMB: -1 },
  autoTopicCreationOverride: { allowAutoTopicCreation: false },
  autoSubscriptionCreationOverride: { allowAutoSubscriptionCreation: false },
};

export interface PulsarAdminOptions {
  /** `http://host:8080` or https. */
  readonly url: string;
  /** Bearer token; default null: none. */
  readonly token?: string | null;
  /** Milliseconds until a call is given up, default 15,000. */
  readonly deadlineMs?: number;
}

/** Messages at which a consumer, or a subscription, gets no more; 0: no limit. */
export interface UnackedLimits {
  readonly perConsumerMax: number;
  readonly perSubscriptionMax: number;
}

export class PulsarAdmin {
  readonly #endpoint: AdminEndpoint;

  constructor({ url, token = null, deadlineMs = 15_000 }: PulsarAdminOptions) {
    this.#endpoint = { url: url.replace(/\/+$/, ''), token, deadlineMs };
  }

  /** True when the broker says that it serves. While it starts it answers something else than `ok`, or an error. */
  async isHealthy(): Promise<boolean> {
    const answer = await this.#call({
      method: 'GET',
      path: '/brokers/health',
      what: 'ask for health',
      accepts: [500, 503],
    });
    return answer.text.trim() === 'ok';
  }

  async version(): Promise<string> {
    return (await this.#call({ method: 'GET', path: '/brokers/version', what: 'ask for the version' })).text.trim();
  }

  /**
   * `tenant/namespace`, with everything in it retained for ever. Creates the tenant too where it is missing. `deduplicates`:
   * its topics drop what a producer of the same name has stored before. One that exists is left as it is.
   */
  async createNamespace(namespace: string, deduplicates = false): Promise<void> {
    const [tenant = ''] = namespace.split('/');
    const what = `create tenant ${tenant}`;
    const { text } = await this.#read('/clusters', what);
    const allowedClusters = readAnswer(this.#endpoint, what, text, clustersSchema);
    await this.#create({ method: 'PUT', path: `/tenants/${encodePath(tenant)}`, body: { allowedClusters }, what });
    const path = `/namespaces/${encodePath(namespace)}`;
    const body = deduplicates ? { ...NAMESPACE_POLICIES, deduplicationEnabled: true } : NAMESPACE_POLICIES;
    await this.#create({ method: 'PUT', path, body, what: `create namespace ${namespace}` });
  }

  /** With all its topics, whoever is connected to them. */
  async deleteNamespace(namespace: string): Promise<void> {
    const path = `/namespaces/${encodePath(namespace)}?force=true`;
    const asked = { method: 'DELETE', path, what: `delete namespace ${namespace}`, accepts: [NOT_FOUND] } as const;
    await request({ ...this.#endpoint, deadlineMs: DELETE_DEADLINE_MS }, asked);
  }

  /** partitionCount 0: a plain topic. USAGE when it exists with another number of partitions. */
  async createTopic(topic: string, partitionCount: number): Promise<void> {
    const plain = { method: 'PUT', path: topicPath(topic), what: `create topic ${topic}` } as const;
    const asked = partitionCount === 0 ? plain : { ...plain, path: `${plain.path}/partitions`, body: partitionCount };
    if (await this.#create(asked)) return;
    const existing = await this.partitionCount(topic);
    if (existing === partitionCount) return;
    const problem = `topic ${topic} exists with ${existing} partitions, got ${partitionCount}`;
    throw new OrderlabError('USAGE', { problem });
  }

  /** 0: a plain topic. null: there is no such topic. */
  async partitionCount(topic: string): Promise<number | null> {
    const what = `ask for the partitions of ${topic}`;
    const answer = await this.#find(`${topicPath(topic)}/partitions`, what);
    return answer && readAnswer(this.#endpoint, what, answer.text, partitionsSchema).partitions;
  }

  /** From the earliest message, on every partition. */
  async createSubscription(topic: string, subscription: string): Promise<void> {
    const path = `${topicPath(topic)}/subscription/${encodeURIComponent(subscription)}`;
    await this.#create({ method: 'PUT', path, body: 'earliest', what: `create subscription ${subscription}` });
  }

  /** One entry per partition, in their order; null: the topic has no such subscription. */
  async subscriptionStats(
    topic: string,
    partitionCount: number,
    subscription: string,
  ): Promise<readonly SubscriptionStats[] | null> {
    const what = `ask for the statistics of ${topic}`;
    const name = partitionCount === 0 ? 'stats' : 'partitioned-stats';
    const path = `${topicPath(topic)}/${name}?perPartition=true&getPreciseBacklog=true`;
    const { text } = await this.#read(path, what);
    const topics =
      partitionCount === 0
        ? [readAnswer(this.#endpoint, what, text, topicStatsSchema)]
        : inOrder(readAnswer(this.#endpoint, what, text, partitionedStatsSchema).partitions);
    const found = topics.flatMap(({ subscriptions }, index) => {
      const stats = subscriptions[subscription];
      return stats === undefined ? [] : [subscriptionStatsOf(partitionCount === 0 ? -1 : index, stats)];
    });
    return found.length === 0 ? null : found;
  }

  /** Of a plain topic, or of one partition of another (`…-partition-0`). */
  async internalStats(topic: string): Promise<InternalStats> {
    const what = `ask for the internal statistics of ${topic}`;
    const { text } = await this.#read(`${topicPath(topic)}/internalStats`, what);
    return readAnswer(this.#endpoint, what, text, internalStatsSchema);
  }

  /** Everybody reconnects, and what was not acknowledged is delivered again. */
  async unload(topic: string): Promise<void> {
    await this.#call({ method: 'PUT', path: `${topicPath(topic)}/unload`, what: `unload topic ${topic}` });
  }

  /** The message of that id comes next; acknowledgements behind it are forgotten. Consumers are cut off and come back. */
  async resetCursor(topic: string, subscription: string, id: PulsarMessageId): Promise<void> {
    const path = `${topicPath(topic)}/subscription/${encodeURIComponent(subscription)}/resetcursor`;
    const body = { ledgerId: id.ledgerId, entryId: id.entryId, partitionIndex: id.partition };
    await this.#call({ method: 'POST', path, body, what: `set the cursor of ${subscription} on ${topic}` });
  }

  /** Limits of unacknowledged messages of one topic, 0: none. They hold a short while after the answer. */
  async setUnackedLimits(topic: string, limits: UnackedLimits): Promise<void> {
    const what = `limit unacknowledged messages of ${topic}`;
    const path = `${topicPath(topic)}/maxUnackedMessagesOn`;
    const { perConsumerMax, perSubscriptionMax } = limits;
    await this.#call({ method: 'POST', path: `${path}Consumer`, body: perConsumerMax, what });
    await this.#call({ method: 'POST', path: `${path}Subscription`, body: perSubscriptionMax, what });
  }

  #call(asked: AdminRequest): Promise<AdminAnswer> {
    return request(this.#endpoint, asked);
  }

  #read(path: string, what: string): Promise<AdminAnswer> {
    return this.#call({ method: 'GET', path, what });
  }

  async #find(path: string, what: string): Promise<AdminAnswer | null> {
    const answer = await this.#call({ method: 'GET', path, what, accepts: [NOT_FOUND] });
    return answer.status === NOT_FOUND ? null : answer;
  }

  /** False: it was there already. */
  async #create(asked: AdminRequest): Promise<boolean> {
    return (await this.#call({ ...asked, accepts: [CONFLICT] })).status !== CONFLICT;
  }
}

function topicPath(topic: string): string {
  return `/persistent/${encodePath(topic)}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Names end with the number of the partition. */
function inOrder<T>(partitions: Readonly<Record<string, T>>): readonly T[] {
  const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));
  return Object.entries(partitions)
    .sort(([left], [right]) => numberOf(left) - numberOf(right))
    .map(([, partition]) => partition);
}
