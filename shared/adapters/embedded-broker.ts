/**
 * The broker in this process: the port over the simulator's machines, on a clock of the caller's. It keeps no rule of
 * its own: it feeds the broker and the clients, and performs what they ask for. Only its timers wait for the clock;
 * everything else settles in microtasks.
 */
import { OrderlabError } from '../errors';
import type { LogEntry } from '../model/message';
import type { ProducerOptions } from '../model/producer';
import type { SubscribeOptions, TopicStats } from '../model/subscription';
import type { Broker, Clock, Consumer, Producer } from '../ports';
import { backlog as backlogIn, logsOf, type PartitionLog, step } from '../simulator/broker';
import type { BrokerAction } from '../simulator/broker-action';
import type { BrokerRequest } from '../simulator/broker-input';
import { type BrokerSettings, PULSAR_DEFAULTS, type TopicPolicies } from '../simulator/broker-settings';
import { type BrokerState, createBroker } from '../simulator/broker-state';
import { ACK_TIMEOUT_TICK_MS } from '../simulator/client-state';
import { AUTO_SPLIT } from '../simulator/consumer';
import { type Entry, messagesIn } from '../simulator/entry';
import { type LogView, viewLogs } from '../simulator/log-view';
import { type ProducerView, viewProducers } from '../simulator/producer-view';
import type { StartPosition } from '../simulator/start-position';
import { countHeld, type SubscriptionView, viewSubscription } from '../simulator/subscription-view';
import { type BrokerLink, ConsumerShell, type EmbeddedConsumer } from './embedded-broker-consumer';
import { checkBatching, checkQueueSize } from './embedded-broker-options';
import { type ProducerLink, ProducerShell } from './embedded-broker-producer';
import { type EmbeddedReader, type ReaderOptions, ReaderShell } from './embedded-broker-reader';

export interface EmbeddedBrokerOptions extends Partial<BrokerSettings> {
  readonly clock: Clock;
  /**
   * Milliseconds from a negative acknowledgement to the redelivery, default 1000. Pulsar's clients wait 60,000; a run
   * that waits a minute for each of them shows nothing that a second does not show.
   */
  readonly negativeAckDelayMs?: number;
  /** Milliseconds from the loss of a connection to the client's next attempt, default 100 as in Pulsar's clients. */
  readonly reconnectDelayMs?: number;
  /** How often clients look for messages whose ack time-out is over, milliseconds; default 1000 as in Pulsar's clients. */
  readonly ackTimeoutTickMs?: number;
}

export interface EmbeddedBroker extends Broker {
  /**
   * The consumer's connection dies as if its process had been killed: a pending receive never settles, what it did not
   * acknowledge goes to other consumers, and nothing of it works afterwards. Idempotent.
   */
  severConsumer(consumer: Consumer): void;
  /** The consumer's connection breaks, and its client connects again a little later. What it held goes to others. */
  dropConnection(consumer: Consumer): void;
  /** The producer's connection breaks, and its client connects again a little later. What it sends meanwhile waits. */
  dropProducer(producer: Producer): void;
  /**
   * The producer's next message, with what it sends in the same millisecond, is stored, and the connection breaks before the
   * broker's answer comes: its client sends them again, so they are stored twice unless the topic deduplicates.
   */
  loseReceipts(producer: Producer): void;
  /** Everybody is disconnected and comes back; what was not acknowledged is delivered again. Errors: TOPIC_NOT_FOUND. */
  unload(topic: string): void;
  /** The same for all topics. losesAcks: as if killed, so that acknowledgements that were not written down are lost. */
  restart(how: { readonly losesAcks: boolean }): void;
  /** Sets a subscription's cursor anew, as the admin API does. Errors: TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
  seek(topic: string, subscription: string, to: StartPosition): void;
  /** Forgets a topic with all that is in it. Errors: TOPIC_NOT_FOUND, IN_USE while consumers are connected and it is not forced. */
  deleteTopic(topic: string, how?: { readonly isForced: boolean }): void;
  /** Errors: TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, IN_USE while consumers are connected and it is not forced. */
  deleteSubscription(topic: string, subscription: string, how?: { readonly isForced: boolean }): void;
  /**
   * Gives up the next unacknowledged messages of a plain topic or one partition; null: all, of every partition. Errors:
   * TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, USAGE.
   */
  skip(topic: string, subscription: string, count: number | null): void;
  /** Gives up what was published more than that many milliseconds ago. Errors: TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
  expire(topic: string, subscription: string, olderThanMs: number): void;
  /** Limits of one topic instead of the broker's. Errors: TOPIC_NOT_FOUND. */
  setTopicPolicies(topic: string, policies: TopicPolicies): void;
  /** A reader of its own subscription, which nobody else sees. Errors: TOPIC_NOT_FOUND, USAGE. */
  openReader(options: ReaderOptions): EmbeddedReader;
  /** What Pulsar's admin API would tell, partition by partition. Errors: TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
  view(topic: string, subscription: string): readonly SubscriptionView[];
  /** Who writes to the topic, partition by partition. Errors: TOPIC_NOT_FOUND. */
  viewProducers(topic: string): readonly ProducerView[];
  /** The logs themselves and their cursors, partition by partition. Errors: TOPIC_NOT_FOUND. */
  viewLogs(topic: string): readonly LogView[];
  /** As the port's, which starts at the earliest message. */
  createSubscription(topic: string, subscription: string, from?: 'earliest' | 'latest'): Promise<void>;
  subscribe(options: EmbeddedSubscribeOptions): Promise<EmbeddedConsumer>;
}

export interface EmbeddedSubscribeOptions extends SubscribeOptions {
  /** Default: that of the broker. */
  readonly negativeAckDelayMs?: number;
  /**
   * Whether messages of a batch are acknowledged one by one, default true as over Pulsar's WebSocket API; false as in the C++ and
   * Node clients: with the last one of them.
   */
  readonly batchIndexAckEnabled?: boolean;
}

const NEGATIVE_ACK_DELAY_MS = 1000;
const RECONNECT_DELAY_MS = 100;

/** Opens an empty broker that producers and consumers of this process share. Nothing survives the process. */
export function openEmbeddedBroker(options: EmbeddedBrokerOptions): EmbeddedBroker {
  const {
    clock,
    negativeAckDelayMs = NEGATIVE_ACK_DELAY_MS,
    reconnectDelayMs = RECONNECT_DELAY_MS,
    ackTimeoutTickMs = ACK_TIMEOUT_TICK_MS,
    ...settings
  } = options;
  return new Shell(
    clock,
    { negativeAckDelayMs, reconnectDelayMs, ackTimeoutTickMs },
    { ...PULSAR_DEFAULTS, ...settings },
  );
}

/** Delays of the clients, milliseconds. */
interface ClientDelays {
  readonly negativeAckDelayMs: number;
  readonly reconnectDelayMs: number;
  readonly ackTimeoutTickMs: number;
}

class Shell implements EmbeddedBroker, BrokerLink, ProducerLink {
  readonly #clock: Clock;
  readonly #delays: ClientDelays;
  readonly #state: BrokerState;
  readonly #consumers = new Map<number, ConsumerShell>();
  readonly #producers = new Map<number, ProducerShell>();
  readonly #outbox: BrokerAction[] = [];
  #performing = false;
  #nextConsumerId = 1;
  #nextProducerId = 1;
  #open = true;

  constructor(clock: Clock, delays: ClientDelays, settings: BrokerSettings) {
    this.#clock = clock;
    this.#delays = delays;
    this.#state = createBroker(settings);
  }

  async createTopic(topic: string, partitionCount: number): Promise<void> {
    if (!Number.isSafeInteger(partitionCount) || partitionCount < 0) {
      throw new OrderlabError('USAGE', { problem: `a topic has 0 or more partitions, got ${partitionCount}` });
    }
    this.request({ kind: 'create-topic', topic, partitionCount });
  }

  async createSubscription(topic: string, subscription: string, from: 'earliest' | 'latest' = 'earliest') {
    this.request({ kind: 'create-subscription', topic, subscription, from });
  }

  async createProducer(topic: string, producerName: string, options: ProducerOptions = {}): Promise<Producer> {
    this.#logsOf(topic);
    const { accessMode = 'shared', batching = null } = options;
    if (batching !== null) checkBatching(batching);
    const producer = new ProducerShell(this, {
      producerId: this.#nextProducerId,
      topic,
      producerName,
      accessMode,
      batching,
    });
    this.#nextProducerId += 1;
    this.#producers.set(producer.id, producer);
    producer.open();
    await producer.opened;
    return producer;
  }

  async subscribe(options: EmbeddedSubscribeOptions): Promise<EmbeddedConsumer> {
    const { topic, subscription, type, consumerName, receiverQueueSize } = options;
    const { negativeAckDelayMs = this.#delays.negativeAckDelayMs, ackTimeoutMs = 0 } = options;
    const { priorityLevel = 0, keyShared = AUTO_SPLIT, batchIndexAckEnabled = true } = options;
    checkQueueSize(receiverQueueSize, this.#logsOf(topic).length);
    const consumerId = this.#newConsumerId();
    const asked = { type, consumerName, priorityLevel, keyShared };
    const subscribe = { kind: 'subscribe', consumerId, topic, subscription, ...asked } as const;
    const deadLetter = options.deadLetter ? { ...options.deadLetter, subscription } : null;
    const { ackTimeoutTickMs } = this.#delays;
    const timers = { negativeAckDelayMs, ackTimeoutMs, ackTimeoutTickMs };
    const settings = { consumerId, type, receiverQueueSize, ...timers, deadLetter, batchIndexAckEnabled };
    return this.#connect(new ConsumerShell(this, subscribe, settings));
  }

  openReader(options: ReaderOptions): EmbeddedReader {
    checkQueueSize(options.receiverQueueSize, this.#logsOf(options.topic).length);
    const reader = new ReaderShell(this, options, this.#newConsumerId(), () => this.#logsOf(options.topic));
    this.#connect(reader.consumer);
    return reader;
  }

  #newConsumerId(): number {
    const consumerId = this.#nextConsumerId;
    this.#nextConsumerId += 1;
    return consumerId;
  }

  #connect(consumer: ConsumerShell): ConsumerShell {
    this.#consumers.set(consumer.id, consumer);
    consumer.open();
    return consumer;
  }

  readLog(topic: string, after: ReadonlyMap<number, number> = new Map()): AsyncIterable<LogEntry> {
    const logs = this.#logsOf(topic);
    return readUpTo(
      logs.map(({ partition, log }) => ({ log, start: (after.get(partition) ?? -1) + 1, end: log.length })),
    );
  }

  async stats(topic: string, subscription: string): Promise<TopicStats> {
    this.#logsOf(topic);
    const backlog = backlogIn(this.#state, topic, subscription);
    const held = countHeld(this.#state, topic, subscription);
    if (backlog === null || held === null) throw new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic });
    return { backlog, ...held };
  }

  view(topic: string, subscription: string): readonly SubscriptionView[] {
    this.#logsOf(topic);
    const views = viewSubscription(this.#state, topic, subscription);
    if (views === null) throw new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic });
    return views;
  }

  viewProducers(topic: string): readonly ProducerView[] {
    this.#requireOpen();
    const views = viewProducers(this.#state, topic);
    if (views === null) throw new OrderlabError('TOPIC_NOT_FOUND', { topic });
    return views;
  }

  viewLogs(topic: string): readonly LogView[] {
    this.#requireOpen();
    const views = viewLogs(this.#state, topic);
    if (views === null) throw new OrderlabError('TOPIC_NOT_FOUND', { topic });
    return views;
  }

  severConsumer(consumer: Consumer): void {
    for (const known of this.#consumers.values()) if (known === consumer) known.sever();
  }

  dropConnection(consumer: Consumer): void {
    for (const known of this.#consumers.values()) {
      if (known !== consumer) continue;
      this.request({ kind: 'leave', consumerId: known.id });
      known.lose();
    }
  }

  dropProducer(producer: Producer): void {
    for (const known of this.#producers.values()) {
      if (known !== producer) continue;
      this.request({ kind: 'leave-producer', producerId: known.id });
      known.lose();
    }
  }

  loseReceipts(producer: Producer): void {
    for (const known of this.#producers.values()) if (known === producer) known.loseReceipts();
  }

  unload(topic: string): void {
    this.request({ kind: 'unload', topic });
  }

  restart({ losesAcks }: { readonly losesAcks: boolean }): void {
    this.request({ kind: 'restart', losesAcks });
  }

  seek(topic: string, subscription: string, to: StartPosition): void {
    this.request({ kind: 'seek', topic, subscription, to });
  }

  deleteTopic(topic: string, { isForced } = { isForced: false }): void {
    this.request({ kind: 'delete-topic', topic, isForced });
  }

  deleteSubscription(topic: string, subscription: string, { isForced } = { isForced: false }): void {
    this.request({ kind: 'delete-subscription', topic, subscription, isForced });
  }

  skip(topic: string, subscription: string, count: number | null): void {
    if (count !== null && !(Number.isSafeInteger(count) && count >= 0)) {
      throw new OrderlabError('USAGE', { problem: `the number of messages to skip is a whole number, got ${count}` });
    }
    this.request({ kind: 'skip', topic, subscription, count });
  }

  expire(topic: string, subscription: string, olderThanMs: number): void {
    this.request({ kind: 'expire', topic, subscription, olderThanMs });
  }

  setTopicPolicies(topic: string, policies: TopicPolicies): void {
    this.request({ kind: 'set-topic-policies', topic, policies });
  }

  get reconnectDelayMs(): number {
    return this.#delays.reconnectDelayMs;
  }

  async close(): Promise<void> {
    for (const consumer of [...this.#consumers.values()]) await consumer.close();
    for (const producer of [...this.#producers.values()]) await producer.close();
    this.#open = false;
  }

  nowMs(): number {
    return Math.max(this.#clock.nowMs(), this.#state.nowMs);
  }

  /** Feeds one request of a client to the broker. The answer is the first action, if the request has one. */
  request(request: BrokerRequest): BrokerAction | undefined {
    this.#requireOpen();
    const actions = step(this.#state, { ...request, nowMs: this.nowMs() });
    const [answer] = actions;
    if (answer?.kind === 'refused') throw new OrderlabError(answer.code, answer.details);
    for (const action of actions) this.#outbox.push(action);
    this.#performAll();
    return answer;
  }

  /** The consumer's connection ends, orderly or not: the broker cannot tell. */
  disconnect(consumerId: number): void {
    if (this.#consumers.delete(consumerId)) this.request({ kind: 'leave', consumerId });
  }

  forgetProducer(producerId: number): void {
    this.#producers.delete(producerId);
  }

  /** Calls `wake` at that time or later. A sleep may end a little early: timers count in whole milliseconds. */
  async wakeAt(atMs: number, wake: () => void): Promise<void> {
    while (this.nowMs() < atMs) await this.#clock.sleep(atMs - this.nowMs());
    if (this.#open) wake();
  }

  /** In order, also when performing an action makes the broker ask for more: a flow must not overtake a delivery. */
  #performAll(): void {
    if (this.#performing) return;
    this.#performing = true;
    try {
      for (let next = 0; next < this.#outbox.length; next += 1) this.#perform(this.#outbox[next]);
    } finally {
      this.#outbox.length = 0;
      this.#performing = false;
    }
  }

  #perform(action: BrokerAction | undefined): void {
    if (action?.kind === 'deliver') this.#consumers.get(action.consumerId)?.arrive(action.delivery);
    if (action?.kind === 'deliver-batch') this.#consumers.get(action.consumerId)?.arrive(...action.deliveries);
    if (action?.kind === 'disconnected') this.#consumers.get(action.consumerId)?.lose();
    if (action?.kind === 'producer-closed') this.#producers.get(action.producerId)?.lose();
    if (action?.kind === 'producer-created' || action?.kind === 'producer-refused') {
      this.#producers.get(action.producerId)?.hear(action);
    }
    if (action?.kind === 'wake-at') void this.wakeAt(action.atMs, () => this.request({ kind: 'tick' }));
  }

  #logsOf(topic: string): readonly PartitionLog[] {
    this.#requireOpen();
    const logs = logsOf(this.#state, topic);
    if (logs === undefined) throw new OrderlabError('TOPIC_NOT_FOUND', { topic });
    return logs;
  }

  #requireOpen(): void {
    if (!this.#open) throw new OrderlabError('PORT_CLOSED', { what: 'the broker' });
  }
}

interface LogSlice {
  readonly log: readonly Entry[];
  readonly start: number;
  readonly end: number;
}

async function* readUpTo(slices: readonly LogSlice[]): AsyncGenerator<LogEntry> {
  for (const { log, start, end } of slices) {
    for (let position = start; position < end; position += 1) {
      const entry = log[position] as Entry;
      if (entry.batch === null) yield entry;
      else yield* messagesIn(entry);
    }
  }
}
