/**
 * A real Pulsar over its own WebSocket API: no native code. Everything waits for a deadline of its own and ends in an
 * answer or an OrderlabError.
 *
 * What it does not promise, because the API does not: an acknowledgement has no reply, so `ack` resolves when the bytes
 * are with the machine, and the broker counts it up to 100 ms later (its client groups acknowledgements). They are
 * flushed when a consumer leaves, killed or not; a broker that crashes forgets the latest ones.
 */
import { OrderlabError } from '../errors';
import type { LogEntry } from '../model/message';
import type { ProducerOptions } from '../model/producer';
import type { SubscribeOptions, TopicStats } from '../model/subscription';
import type { Broker, Consumer, Producer } from '../ports';
import { PulsarAdmin } from './pulsar-admin';
import {
  checkQueueSize,
  type PulsarTopic,
  PulsarTopics,
  partitionName,
  partitionsOf,
  refuseExtras,
  refuseProducerOptions,
} from './pulsar-topics';
import type { ConnectionDeadlines } from './pulsar-websocket-connection';
import { WebSocketConsumer } from './pulsar-websocket-consumer';
import { WebSocketProducer } from './pulsar-websocket-producer';
import { type LogCursor, readPartition } from './pulsar-websocket-reader';

/** All in milliseconds. */
export interface PulsarDeadlines extends ConnectionDeadlines {
  /** For each call to the admin API. */
  readonly adminMs: number;
  /** From a send to its receipt; Pulsar's own send time-out inside the broker is 30,000. */
  readonly sendMs: number;
  /** For the next entry of a log that is known to have one. */
  readonly readMs: number;
  /**
   * From the loss of a connection to giving up on it. A standalone takes 15,000 to end in order and start again, and on an
   * overloaded machine ten times as long.
   */
  readonly reconnectMs: number;
}

export const PULSAR_DEADLINES: PulsarDeadlines = {
  connectMs: 10_000,
  closeMs: 5_000,
  heartbeatMs: 20_000,
  adminMs: 15_000,
  sendMs: 30_000,
  readMs: 15_000,
  reconnectMs: 180_000,
};

export interface PulsarWebSocketOptions {
  /** `ws://host:8080` or `wss://…`: the broker's web port. */
  readonly url: string;
  /** The admin API; default: `url` as http or https. */
  readonly adminUrl?: string;
  /** `tenant/namespace` of all topics. */
  readonly namespace: string;
  /** Create the namespace where it is missing, with everything retained. Default true; false: it is somebody else's. */
  readonly createsNamespace?: boolean;
  /** A namespace that is created deduplicates what producers send. Default false. */
  readonly deduplicates?: boolean;
  /** Bearer token of both APIs; default null: none. */
  readonly token?: string | null;
  /** From a negative acknowledgement to the redelivery, milliseconds, default 1000. Pulsar's clients wait 60,000. */
  readonly negativeAckDelayMs?: number;
  readonly deadlines?: Partial<PulsarDeadlines>;
  /** Told of every connection that was lost and stands again; default: nobody. */
  readonly onReconnect?: () => void;
}

export interface PulsarWebSocketBroker extends Broker {
  readonly admin: PulsarAdmin;
  /** As `EmbeddedBroker.severConsumer`: its sockets end without a goodbye and it answers nothing any more. */
  severConsumer(consumer: Consumer): void;
}

/** Rejects with BROKER_UNREACHABLE, BROKER_REFUSED or DEADLINE_EXCEEDED when there is no broker to work with. */
export async function openPulsarWebSocket(options: PulsarWebSocketOptions): Promise<PulsarWebSocketBroker> {
  const deadlines = { ...PULSAR_DEADLINES, ...options.deadlines };
  const { url, namespace, token = null, negativeAckDelayMs = 1000, onReconnect = () => {} } = options;
  const adminUrl = options.adminUrl ?? url.replace(/^ws/, 'http');
  const admin = new PulsarAdmin({ url: adminUrl, token, deadlineMs: deadlines.adminMs });
  if (options.createsNamespace !== false) await admin.createNamespace(namespace, options.deduplicates);
  const site = url.replace(/\/+$/, '');
  return new PulsarWebSocket({ url: site, namespace, token, negativeAckDelayMs, deadlines, onReconnect }, admin);
}

type Settings = Required<
  Omit<PulsarWebSocketOptions, 'adminUrl' | 'deadlines' | 'createsNamespace' | 'deduplicates'>
> & {
  readonly deadlines: PulsarDeadlines;
};

/** A partition and how many entries it had when that was looked up. */
interface Tail {
  readonly partition: number;
  readonly entryCount: number;
}

interface Log {
  readonly topic: PulsarTopic;
  readonly tails: readonly Tail[];
}

class PulsarWebSocket implements PulsarWebSocketBroker {
  readonly admin: PulsarAdmin;
  readonly #settings: Settings;
  readonly #topics: PulsarTopics;
  readonly #producers = new Set<WebSocketProducer>();
  readonly #consumers = new Set<WebSocketConsumer>();
  /** The last entry read of each partition, so that reading on does not begin at the earliest again. */
  readonly #cursors = new Map<string, LogCursor>();
  #isOpen = true;

  constructor(settings: Settings, admin: PulsarAdmin) {
    this.#settings = settings;
    this.admin = admin;
    this.#topics = new PulsarTopics(admin, settings.namespace);
  }

  async createTopic(topic: string, partitionCount: number): Promise<void> {
    this.#requireOpen();
    await this.#topics.create(topic, partitionCount);
  }

  async createSubscription(topic: string, subscription: string): Promise<void> {
    this.#requireOpen();
    await this.#topics.createSubscription(topic, subscription);
  }

  async createProducer(topic: string, producerName: string, options: ProducerOptions = {}): Promise<Producer> {
    refuseProducerOptions(options, ['batching'], 'embedded:');
    // The WebSocket API ignores it without a word.
    refuseProducerOptions(options, ['accessMode'], 'pulsar:// or embedded:');
    const { name } = await this.#find(topic);
    const query = new URLSearchParams({ producerName, hashingScheme: 'Murmur3_32Hash', batchingEnabled: 'false' });
    const producer = await WebSocketProducer.open({
      ...this.#connection(),
      url: `${this.#endpoint('producer', name, -1)}?${query.toString()}`,
      what: `producer ${producerName} of ${topic}`,
      sendDeadlineMs: this.#settings.deadlines.sendMs,
    });
    this.#producers.add(producer);
    return producer;
  }

  async subscribe(options: SubscribeOptions): Promise<Consumer> {
    const topic = await this.#find(options.topic);
    checkQueueSize(options.receiverQueueSize, topic.partitionCount);
    // The WebSocket API has no parameter for STICKY ranges and out-of-order delivery.
    refuseExtras(options, ['keyShared'], 'embedded:');
    /** Without the question a subscription that is missing would begin at the latest message. */
    await this.#topics.stats(topic.name, options.subscription);
    const suffix = `/${encodeURIComponent(options.subscription)}`;
    const consumer = await WebSocketConsumer.open({
      ...this.#connection(),
      negativeAckDelayMs: this.#settings.negativeAckDelayMs,
      subscribe: this.#withFullName(options),
      partitions: partitionsOf(topic).map((partition) => ({
        partition,
        url: `${this.#endpoint('consumer', topic.name, partition)}${suffix}`,
      })),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  /** The tail is looked up from the moment of the call on, so what is published meanwhile may be read too. */
  readLog(topic: string, after: ReadonlyMap<number, number> = new Map()): AsyncIterable<LogEntry> {
    const log = this.#lookUpLog(topic);
    /** Whoever iterates hears of a failure; a call whose answer nobody reads must not end the process. */
    log.catch(() => {});
    return this.#readUpTo(log, after);
  }

  async stats(topic: string, subscription: string): Promise<TopicStats> {
    this.#requireOpen();
    return this.#topics.stats(topic, subscription);
  }

  severConsumer(consumer: Consumer): void {
    for (const known of this.#consumers) if (known === consumer) known.sever();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    const consumers = [...this.#consumers].filter((consumer) => !consumer.isKilled);
    const closing = [...consumers, ...this.#producers].map((each) => each.close());
    this.#consumers.clear();
    this.#producers.clear();
    await Promise.all(closing);
  }

  async #lookUpLog(name: string): Promise<Log> {
    const topic = await this.#find(name);
    const tails = partitionsOf(topic).map(async (partition) => {
      const stats = await this.admin.internalStats(this.#topics.pathOf(partitionName(name, partition)));
      return { partition, entryCount: stats.numberOfEntries };
    });
    return { topic, tails: await Promise.all(tails) };
  }

  async *#readUpTo(log: Promise<Log>, after: ReadonlyMap<number, number>): AsyncGenerator<LogEntry> {
    const { topic, tails } = await log;
    for (const tail of tails) yield* this.#readOn(topic, tail, after.get(tail.partition) ?? -1);
  }

  async *#readOn(topic: PulsarTopic, { partition, entryCount }: Tail, after: number): AsyncGenerator<LogEntry> {
    const name = partitionName(topic.name, partition);
    const known = this.#cursors.get(name);
    const entries = readPartition({
      ...this.#connection(),
      url: this.#endpoint('reader', topic.name, partition),
      what: `reader of ${name}`,
      topic: topic.name,
      start: known?.position === after ? known : null,
      entryCount: after + 1 >= entryCount ? 0 : entryCount,
      partition,
      answerDeadlineMs: this.#settings.deadlines.readMs,
    });
    for await (const { entry, cursor } of entries) {
      if (entry.position > after) yield entry;
      this.#cursors.set(name, cursor);
    }
  }

  /** The client that publishes dead letters runs within the broker, and knows no namespace of ours. */
  #withFullName(options: SubscribeOptions): SubscribeOptions {
    const { deadLetter } = options;
    if (!deadLetter) return options;
    return {
      ...options,
      deadLetter: { ...deadLetter, topic: `persistent://${this.#topics.pathOf(deadLetter.topic)}` },
    };
  }

  #connection() {
    const { token, deadlines, onReconnect } = this.#settings;
    return { token, deadlines, reconnectDeadlineMs: deadlines.reconnectMs, onReconnect };
  }

  #endpoint(kind: 'producer' | 'consumer' | 'reader', topic: string, partition: number): string {
    const path = this.#topics.pathOf(partitionName(topic, partition)).split('/').map(encodeURIComponent).join('/');
    return `${this.#settings.url}/ws/v2/${kind}/persistent/${path}`;
  }

  async #find(name: string): Promise<PulsarTopic> {
    this.#requireOpen();
    return this.#topics.find(name);
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new OrderlabError('PORT_CLOSED', { what: 'the broker' });
  }
}
