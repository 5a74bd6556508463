/**
 * A real Pulsar over the native client, `pulsar://` and `pulsar+ssl://`. Topics, subscriptions and statistics go through
 * the admin API, which has an address of its own.
 *
 * What it does not promise, because the client does not:
 * an acknowledgement is known to the broker about 100 ms after `ack` resolved (they travel in groups; an orderly close
 * sends them, the death of the process loses them). A negative acknowledgement takes at least 134 ms. What was fetched
 * ahead of `receive` stays there when the connection is lost and comes again: it may be handed over twice.
 */
import { OrderlabError } from '../errors';
import { invariant } from '../model/invariant';
import type { LogEntry } from '../model/message';
import { type ProducerOptions, PULSAR_ACCESS_MODE } from '../model/producer';
import type { SubscribeOptions, SubscriptionType, TopicStats } from '../model/subscription';
import type { Broker, Consumer, Producer } from '../ports';
import { PulsarAdmin } from './pulsar-admin';
import type { InternalStats } from './pulsar-admin-answer';
import { type Place, readPlace } from './pulsar-message-id';
import { settledInTime } from './pulsar-native-close';
import { BATCH_TIMEOUT_MS, type NativeLane, PulsarNativeConsumer, queueSharesOf } from './pulsar-native-consumer';
import { type NativeRequest, openingError } from './pulsar-native-error';
import {
  loadNativeLibrary,
  NATIVE_LOG_LEVEL,
  type NativeClient,
  type NativeConsumerConfig,
  type NativeLibrary,
} from './pulsar-native-library';
import { PulsarNativeProducer } from './pulsar-native-producer';
import { type NativeCursor, readNativePartition } from './pulsar-native-reader';
import { SENDS_IN_FLIGHT_MAX } from './pulsar-send-limits';
import {
  checkQueueSize,
  type PulsarTopic,
  PulsarTopics,
  partitionName,
  partitionsOf,
  refuseExtras,
  refuseProducerOptions,
} from './pulsar-topics';

/** All in milliseconds. */
export interface NativeDeadlines {
  /** For a connection, a lookup, a producer, a consumer or a reader; the client counts whole seconds. */
  readonly openMs: number;
  /** For each call to the admin API. */
  readonly adminMs: number;
  /** From a send to its receipt. 0 would leave the client's own 30,000 in place. */
  readonly sendMs: number;
  /** For the next entry of a log that is known to have one. */
  readonly readMs: number;
  /** From the loss of a connection to giving up on it: as long as over WebSocket, and for the same reason. */
  readonly reconnectMs: number;
}

export const NATIVE_DEADLINES: NativeDeadlines = {
  openMs: 10_000,
  adminMs: 15_000,
  sendMs: 30_000,
  readMs: 15_000,
  reconnectMs: 180_000,
};

/** The client keeps its delay in 32 bits. */
const NEGATIVE_ACK_DELAY_MS_MAX = 2 ** 31 - 1;
const BATCH_BYTES_MAX = 10 * 1024 * 1024;

/** The client's spelling: it takes any other word for Exclusive, silently. */
const NATIVE_SPELLING: Readonly<Record<SubscriptionType, NativeConsumerConfig['subscriptionType']>> = {
  exclusive: 'Exclusive',
  failover: 'Failover',
  shared: 'Shared',
  'key-shared': 'KeyShared',
};

export interface PulsarNativeOptions {
  /** `pulsar://host:6650` or `pulsar+ssl://host:6651`. */
  readonly url: string;
  /** `http://host:8080` or https: the admin API. It cannot be derived from the other address. */
  readonly adminUrl: string;
  /** `tenant/namespace` of all topics. */
  readonly namespace: string;
  /** Create the namespace where it is missing, with everything retained. Default true; false: it is somebody else's. */
  readonly createsNamespace?: boolean;
  /** A namespace that is created deduplicates what producers send. Default false. */
  readonly deduplicates?: boolean;
  /** Bearer token of both; default null: none. */
  readonly token?: string | null;
  /** File of the certificates to trust over pulsar+ssl://; default null: those that the client was installed with. */
  readonly trustedCertificates?: string | null;
  /** From a negative acknowledgement to the redelivery, milliseconds, default 1000. Pulsar's clients wait 60,000. */
  readonly negativeAckDelayMs?: number;
  readonly deadlines?: Partial<NativeDeadlines>;
  /** Told of every connection of a consumer that was seen lost and stands again; default: nobody. */
  readonly onReconnect?: () => void;
}

export interface PulsarNativeBroker extends Broker {
  readonly admin: PulsarAdmin;
  /**
   * As `EmbeddedBroker.severConsumer`, as far as one process can: the consumer answers nothing any more and the broker
   * gives what it held to others. The client cannot drop the connection of one consumer, so it is a close:
   * acknowledgements that were made are sent, where the death of a process would lose those of the last 100 ms. Resolves
   * when the broker has been told.
   */
  severConsumer(consumer: Consumer): Promise<void>;
}

/** Rejects with TOOL_MISSING without the client, and as PulsarAdmin when there is no broker to work with. */
export async function openPulsarNative(options: PulsarNativeOptions): Promise<PulsarNativeBroker> {
  const { url, namespace, token = null, trustedCertificates = null, negativeAckDelayMs = 1000 } = options;
  const { onReconnect = () => {} } = options;
  const isDelay = Number.isSafeInteger(negativeAckDelayMs) && negativeAckDelayMs >= 0;
  if (!isDelay || negativeAckDelayMs > NEGATIVE_ACK_DELAY_MS_MAX) {
    const problem = `negativeAckDelayMs is a whole number from 0 to ${NEGATIVE_ACK_DELAY_MS_MAX}`;
    throw new OrderlabError('USAGE', { problem: `${problem}, got ${negativeAckDelayMs}` });
  }
  const deadlines = { ...NATIVE_DEADLINES, ...options.deadlines };
  const library = loadNativeLibrary();
  const admin = new PulsarAdmin({ url: options.adminUrl, token, deadlineMs: deadlines.adminMs });
  if (options.createsNamespace !== false) await admin.createNamespace(namespace, options.deduplicates);
  const client = new library.Client({
    serviceUrl: url,
    operationTimeoutSeconds: Math.ceil(deadlines.openMs / 1000),
    connectionTimeoutMs: deadlines.openMs,
    logLevel: NATIVE_LOG_LEVEL,
    tlsValidateHostname: true,
    ...(trustedCertificates === null ? {} : { tlsTrustCertsFilePath: trustedCertificates }),
    ...(token === null ? {} : { authentication: new library.AuthenticationToken({ token }) }),
  });
  const broker = new PulsarNative(
    { url, namespace, negativeAckDelayMs, deadlines, library, client, onReconnect },
    admin,
  );
  openBrokers.add(broker);
  return broker;
}

/**
 * Those that are not closed. A client that nobody refers to any more is collected, and with it goes the connection of every
 * producer and consumer that it opened, also of one that is in use: sends fail, and the next ones end the process.
 */
const openBrokers = new Set<PulsarNativeBroker>();

interface Settings {
  readonly url: string;
  readonly namespace: string;
  readonly negativeAckDelayMs: number;
  readonly deadlines: NativeDeadlines;
  readonly library: NativeLibrary;
  readonly client: NativeClient;
  readonly onReconnect: () => void;
}

class PulsarNative implements PulsarNativeBroker {
  readonly admin: PulsarAdmin;
  readonly #settings: Settings;
  readonly #topics: PulsarTopics;
  readonly #producers = new Set<PulsarNativeProducer>();
  readonly #consumers = new Set<PulsarNativeConsumer>();
  /** The last entry read of each partition, so that reading on does not begin at the earliest again. */
  readonly #cursors = new Map<string, NativeCursor>();
  #closing: Promise<void> | null = null;

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
    await this.#find(topic);
    const { url, deadlines } = this.#settings;
    const request = this.#requestOf(`producer ${producerName} of ${topic}`, topic);
    const native = await opening(request, () =>
      this.#settings.client.createProducer({
        topic: this.#addressOf(topic),
        producerName,
        accessMode: PULSAR_ACCESS_MODE[options.accessMode ?? 'shared'],
        sendTimeoutMs: deadlines.sendMs,
        maxPendingMessages: 2 * SENDS_IN_FLIGHT_MAX,
        blockIfQueueFull: false,
        batchingEnabled: false,
        hashingScheme: 'Murmur3_32Hash',
      }),
    );
    const producer = new PulsarNativeProducer(native, {
      ...{ what: request.what, url, topic },
      sendDeadlineMs: deadlines.sendMs,
    });
    this.#producers.add(producer);
    return producer;
  }

  async subscribe(options: SubscribeOptions): Promise<Consumer> {
    const topic = await this.#find(options.topic);
    checkQueueSize(options.receiverQueueSize, topic.partitionCount);
    refuseExtras(options, ['priorityLevel', 'ackTimeoutMs', 'deadLetter', 'keyShared'], 'ws:// or embedded:');
    /** Without the question a subscription that is missing would be waited for until the deadline. */
    await this.#topics.stats(topic.name, options.subscription);
    const { consumerName, subscription, receiverQueueSize } = options;
    const what = `consumer ${consumerName} of subscription ${subscription} on ${topic.name}`;
    const request = { ...this.#requestOf(what, topic.name), subscription };
    const { aheadCount } = queueSharesOf(receiverQueueSize, topic.partitionCount);
    const consumer = new PulsarNativeConsumer({
      ...{ library: this.#settings.library, consumerName, request, aheadCount },
      lanes: await this.#openLanes(topic, options, request),
      reconnectDeadlineMs: this.#settings.deadlines.reconnectMs,
      onReconnect: this.#settings.onReconnect,
    });
    this.#consumers.add(consumer);
    return consumer;
  }

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

  async severConsumer(consumer: Consumer): Promise<void> {
    for (const known of this.#consumers) if (known === consumer) await known.sever();
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** Consumers before the client, killed ones too: one that outlives it keeps the process alive. */
  async #closeAll(): Promise<void> {
    const consumers = [...this.#consumers].map((each) => (each.isKilled ? each.left() : each.close()));
    await Promise.all([...consumers, ...[...this.#producers].map((each) => each.close())]);
    await settledInTime(this.#settings.client.close());
    openBrokers.delete(this);
  }

  /** Joins every partition, in order, or none of them. */
  async #openLanes(topic: PulsarTopic, options: SubscribeOptions, request: Request): Promise<readonly NativeLane[]> {
    const { clientCount, aheadCount } = queueSharesOf(options.receiverQueueSize, topic.partitionCount);
    const lanes: NativeLane[] = [];
    try {
      for (const partition of partitionsOf(topic)) {
        const native = await opening(request, () =>
          this.#settings.client.subscribe({
            topic: this.#addressOf(partitionName(topic.name, partition)),
            subscription: options.subscription,
            subscriptionType: NATIVE_SPELLING[options.type],
            subscriptionInitialPosition: 'Earliest',
            consumerName: options.consumerName,
            receiverQueueSize: clientCount,
            nAckRedeliverTimeoutMs: this.#settings.negativeAckDelayMs,
            batchReceivePolicy: {
              maxNumMessages: Math.max(aheadCount, 1),
              maxNumBytes: BATCH_BYTES_MAX,
              timeoutMs: BATCH_TIMEOUT_MS,
            },
          }),
        );
        lanes.push({ partition, native });
      }
    } catch (thrown) {
      await Promise.all(lanes.map(({ native }) => native.close().catch(() => {})));
      throw thrown;
    }
    return lanes;
  }

  async #lookUpLog(topic: string): Promise<readonly LogSlice[]> {
    const found = await this.#find(topic);
    return Promise.all(
      partitionsOf(found).map(async (partition) => {
        const name = partitionName(topic, partition);
        const stats = await this.admin.internalStats(this.#topics.pathOf(name));
        return { topic, partition, name, ends: endsOf(stats) };
      }),
    );
  }

  async *#readUpTo(log: Promise<readonly LogSlice[]>, after: ReadonlyMap<number, number>): AsyncGenerator<LogEntry> {
    for (const slice of await log) yield* this.#readOn(slice, after.get(slice.partition) ?? -1);
  }

  async *#readOn({ topic, partition, name, ends }: LogSlice, after: number): AsyncGenerator<LogEntry> {
    if (ends === null) return;
    const { library, client, deadlines } = this.#settings;
    const known = this.#cursors.get(name);
    const entries = readNativePartition({
      ...{ library, client, partition, tail: ends.tail, address: this.#addressOf(name) },
      request: { ...this.#requestOf(`reader of ${name}`, topic), deadlineMs: deadlines.readMs },
      first: known?.position === after ? known : { position: 0, place: ends.first, before: null },
    });
    for await (const { entry, cursor } of entries) {
      if (entry.position > after) yield entry;
      this.#cursors.set(name, cursor);
    }
  }

  #addressOf(topic: string): string {
    return `persistent://${this.#topics.pathOf(topic)}`;
  }

  #requestOf(what: string, topic: string): Request {
    return { what, url: this.#settings.url, deadlineMs: this.#settings.deadlines.openMs, topic };
  }

  #find(name: string): Promise<PulsarTopic> {
    this.#requireOpen();
    return this.#topics.find(name);
  }

  #requireOpen(): void {
    if (this.#closing !== null) throw new OrderlabError('PORT_CLOSED', { what: 'the broker' });
  }
}

type Request = Omit<NativeRequest, 'sinceMs'>;
/** One partition of a log, to its tail. */
interface LogSlice {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  readonly ends: { readonly first: Place; readonly tail: Place } | null;
}

async function opening<T>(request: Request, open: () => Promise<T>): Promise<T> {
  const sinceMs = performance.now();
  try {
    return await open();
  } catch (thrown) {
    throw openingError(thrown, { ...request, sinceMs });
  }
}

/** The first and the last entry of a partition; null when it holds none. Nothing is ever trimmed from a log of the lab. */
function endsOf({ lastConfirmedEntry, ledgers }: InternalStats): LogSlice['ends'] {
  const tail = readPlace(lastConfirmedEntry);
  if (tail.entryId === -1) return null;
  const first = ledgers.find(({ entries }) => entries > 0) ?? ledgers.at(-1);
  invariant(
    first !== undefined && tail.ledgerId >= first.ledgerId,
    `a log whose last entry is ${lastConfirmedEntry} has a first`,
  );
  return { first: { ledgerId: first.ledgerId, entryId: 0 }, tail };
}
