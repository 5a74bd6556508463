/**
 * The broker in this process: the port over the simulator's machines, on a clock of the caller's. It keeps no rule of
 * its own: it feeds the broker and the clients, and performs what they ask for. Only its timers wait for the clock;
 * everything else settles in microtasks.
 */
import { OrderlabError } from '../errors';
import { invariant, unreachable } from '../model/invariant';
import type { Delivery, LogEntry, OutgoingMessage } from '../model/message';
import type { SubscribeOptions, TopicStats } from '../model/subscription';
import type { Broker, Clock, Consumer, Producer } from '../ports';
import { type BrokerState, backlog, createBroker, logsOf, type PartitionLog, step } from '../simulator/broker';
import type { BrokerAction } from '../simulator/broker-action';
import type { BrokerRequest } from '../simulator/broker-input';
import { type BrokerSettings, PULSAR_DEFAULTS } from '../simulator/broker-settings';
import {
  type ClientAction,
  type ClientInput,
  type ClientState,
  createClient,
  stepClient,
} from '../simulator/client-consumer';
import { type LogView, viewLogs } from '../simulator/log-view';
import { type SubscriptionView, viewSubscription } from '../simulator/subscription-view';

export interface EmbeddedBrokerOptions extends Partial<BrokerSettings> {
  readonly clock: Clock;
  /**
   * Milliseconds from a negative acknowledgement to the redelivery, default 1000. Pulsar's clients wait 60,000; a run
   * that waits a minute for each of them shows nothing that a second does not show.
   */
  readonly negativeAckDelayMs?: number;
}

export interface EmbeddedBroker extends Broker {
  /**
   * The consumer's connection dies as if its process had been killed: a pending receive never settles, what it did not
   * acknowledge goes to other consumers, and nothing of it works afterwards. Idempotent.
   */
  severConsumer(consumer: Consumer): void;
  /** What Pulsar's admin API would tell, partition by partition. Errors: TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
  view(topic: string, subscription: string): readonly SubscriptionView[];
  /** The logs themselves and their cursors, partition by partition. Errors: TOPIC_NOT_FOUND. */
  viewLogs(topic: string): readonly LogView[];
  /** As the port's, which starts at the earliest message. */
  createSubscription(topic: string, subscription: string, from?: 'earliest' | 'latest'): Promise<void>;
  subscribe(options: EmbeddedSubscribeOptions): Promise<Consumer>;
}

export interface EmbeddedSubscribeOptions extends SubscribeOptions {
  /** Default: that of the broker. */
  readonly negativeAckDelayMs?: number;
}

const NEGATIVE_ACK_DELAY_MS = 1000;

/** Opens an empty broker that producers and consumers of this process share. Nothing survives the process. */
export function openEmbeddedBroker(options: EmbeddedBrokerOptions): EmbeddedBroker {
  const { clock, negativeAckDelayMs = NEGATIVE_ACK_DELAY_MS, ...settings } = options;
  return new Shell(clock, negativeAckDelayMs, { ...PULSAR_DEFAULTS, ...settings });
}

class Shell implements EmbeddedBroker {
  readonly #clock: Clock;
  readonly #negativeAckDelayMs: number;
  readonly #state: BrokerState;
  readonly #consumers = new Map<number, EmbeddedConsumer>();
  readonly #outbox: BrokerAction[] = [];
  #performing = false;
  #nextConsumerId = 1;
  #open = true;

  constructor(clock: Clock, negativeAckDelayMs: number, settings: BrokerSettings) {
    this.#clock = clock;
    this.#negativeAckDelayMs = negativeAckDelayMs;
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

  async createProducer(topic: string, producerName: string): Promise<Producer> {
    this.#logsOf(topic);
    return new EmbeddedProducer(this, topic, producerName);
  }

  async subscribe(options: EmbeddedSubscribeOptions): Promise<Consumer> {
    const { topic, subscription, type, consumerName, receiverQueueSize } = options;
    const { negativeAckDelayMs = this.#negativeAckDelayMs } = options;
    checkQueueSize(receiverQueueSize, this.#logsOf(topic).length);
    const consumerId = this.#nextConsumerId;
    this.#nextConsumerId += 1;
    const answer = this.request({ kind: 'subscribe', consumerId, topic, subscription, type, consumerName });
    invariant(answer?.kind === 'subscribed', 'a consumer that is not refused is subscribed');
    const settings = { consumerId, type, receiverQueueSize, negativeAckDelayMs };
    const consumer = new EmbeddedConsumer(this, consumerName, createClient(settings, answer.logs));
    this.#consumers.set(consumerId, consumer);
    consumer.feed({ kind: 'open' });
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
    const entries = backlog(this.#state, topic, subscription);
    if (entries === null) throw new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic });
    return { backlog: entries };
  }

  view(topic: string, subscription: string): readonly SubscriptionView[] {
    this.#logsOf(topic);
    const views = viewSubscription(this.#state, topic, subscription);
    if (views === null) throw new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic });
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

  async close(): Promise<void> {
    for (const consumer of [...this.#consumers.values()]) await consumer.close();
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
    if (action?.kind === 'deliver') {
      this.#consumers.get(action.consumerId)?.feed({ kind: 'arrived', delivery: action.delivery });
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

/** Pulsar's clients refuse a queue of 0 on several partitions too: each would be asked for a message per receive. */
function checkQueueSize(receiverQueueSize: number, partitionCount: number): void {
  const sizeMin = partitionCount > 1 ? 1 : 0;
  if (Number.isSafeInteger(receiverQueueSize) && receiverQueueSize >= sizeMin) return;
  const problem = `receiverQueueSize is a whole number from ${sizeMin} on ${partitionCount} partitions`;
  throw new OrderlabError('USAGE', { problem: `${problem}, got ${receiverQueueSize}` });
}

interface LogSlice {
  readonly log: readonly LogEntry[];
  readonly start: number;
  readonly end: number;
}

async function* readUpTo(slices: readonly LogSlice[]): AsyncGenerator<LogEntry> {
  for (const { log, start, end } of slices) {
    for (let position = start; position < end; position += 1) yield log[position] as LogEntry;
  }
}

class EmbeddedProducer implements Producer {
  readonly #shell: Shell;
  readonly #topic: string;
  readonly #name: string;
  #open = true;

  constructor(shell: Shell, topic: string, name: string) {
    this.#shell = shell;
    this.#topic = topic;
    this.#name = name;
  }

  async send(message: OutgoingMessage): Promise<string> {
    if (!this.#open) throw new OrderlabError('PORT_CLOSED', { what: `producer ${this.#name}` });
    const answer = this.#shell.request({ kind: 'publish', topic: this.#topic, message });
    invariant(answer?.kind === 'stored', 'a publish that is not refused is stored');
    return answer.messageId;
  }

  async close(): Promise<void> {
    this.#open = false;
  }
}

/** A consumer's life: killed is not closed, since a killed one answers nothing at all. */
type Life = 'open' | 'closed' | 'killed';

class EmbeddedConsumer implements Consumer {
  readonly #shell: Shell;
  readonly #name: string;
  readonly #client: ClientState;
  readonly #receivers: ((delivery: Delivery | null) => void)[] = [];
  #life: Life = 'open';

  constructor(shell: Shell, name: string, client: ClientState) {
    this.#shell = shell;
    this.#name = name;
    this.#client = client;
  }

  receive(): Promise<Delivery | null> {
    if (this.#life === 'killed') return never();
    if (this.#life === 'closed') return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#receivers.push(resolve);
      this.feed({ kind: 'receive' });
    });
  }

  ack(messageId: string): Promise<void> {
    return this.#tell(messageId, (at) => ({ kind: 'ack', ...at }));
  }

  nack(messageId: string): Promise<void> {
    return this.#tell(messageId, (at) => ({ kind: 'nack', ...at, nowMs: this.#shell.nowMs() }));
  }

  async close(): Promise<void> {
    if (this.#life === 'killed') return never();
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    this.#shell.disconnect(this.#client.settings.consumerId);
    for (const resolve of this.#receivers.splice(0)) resolve(null);
  }

  sever(): void {
    this.#life = 'killed';
    this.#receivers.length = 0;
    this.#shell.disconnect(this.#client.settings.consumerId);
  }

  feed(input: ClientInput): void {
    for (const action of stepClient(this.#client, input)) this.#perform(action);
  }

  async #tell(messageId: string, inputOf: (at: LogAddress) => ClientInput): Promise<void> {
    if (this.#life === 'killed') return never();
    if (this.#life === 'closed') throw new OrderlabError('PORT_CLOSED', { what: `consumer ${this.#name}` });
    this.feed(inputOf(this.#addressOf(messageId)));
  }

  #addressOf(messageId: string): LogAddress {
    const address = addressOf(messageId);
    const receiver = this.#client.receivers.find(({ partition }) => partition === address?.partition);
    if (address !== null && address.ledgerId === receiver?.ledgerId) return address;
    throw new OrderlabError('USAGE', { problem: `consumer ${this.#name} gets no message with the id ${messageId}` });
  }

  #perform(action: ClientAction): void {
    switch (action.kind) {
      case 'hand-over':
        this.#handOver(action.delivery);
        return;
      case 'send':
        this.#shell.request(action.request);
        return;
      case 'wake-at':
        void this.#shell.wakeAt(action.atMs, () => this.#wake());
        return;
      default:
        unreachable(action, 'client action');
    }
  }

  #handOver(delivery: Delivery): void {
    const resolve = this.#receivers.shift();
    invariant(resolve !== undefined, 'a message is handed over to a receive that waits');
    resolve(delivery);
  }

  #wake(): void {
    if (this.#life === 'open') this.feed({ kind: 'tick', nowMs: this.#shell.nowMs() });
  }
}

interface LogAddress {
  readonly ledgerId: number;
  readonly partition: number;
  readonly position: number;
}

/** Reads `ledger:entry:partition`; null for any other text. */
function addressOf(messageId: string): LogAddress | null {
  const match = /^(\d+):(\d+):(-1|\d+)$/.exec(messageId);
  if (match === null) return null;
  return { ledgerId: Number(match[1]), position: Number(match[2]), partition: Number(match[3]) };
}

/** A killed process answers nothing. */
function never(): Promise<never> {
  return new Promise(() => {});
}
