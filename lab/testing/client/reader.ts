/** Reader of the drop-in: a consumer of a subscription of its own, which acknowledges what it has read. */
import type { Delivery } from '../../../shared/model/message';
import { type Cluster, fullTopicName } from './cluster';
import { nativeError, ON_REAL_PULSAR, refuseOptions, unsupported } from './failure';
import type { Host } from './host';
import { Lane } from './lane';
import { Message } from './message';
import type { MessageId } from './message-id';
import { Wait } from './wait';

export interface ReaderConfig {
  readonly topic: string;
  /** Reading begins behind it. */
  readonly startMessageId: MessageId;
  readonly receiverQueueSize?: number;
  readonly readerName?: string;
  readonly listener?: (message: Message, reader: Reader) => unknown;
}

const RECEIVER_QUEUE_SIZE = 1000;

export class Reader {
  readonly #cluster: Cluster;
  readonly #host: Host;
  readonly #topic: string;
  readonly #subscription: string;
  readonly #lane: Lane;
  readonly #waits: Wait[] = [];
  readonly #ahead: Delivery[] = [];
  #isOpen = true;

  private constructor(config: ReaderConfig, topic: string, cluster: Cluster, host: Host) {
    this.#cluster = cluster;
    this.#host = host;
    this.#topic = topic;
    this.#subscription = `reader-${cluster.freshName()}`;
    const { receiverQueueSize = RECEIVER_QUEUE_SIZE, readerName: consumerName = this.#subscription } = config;
    const options = {
      topic,
      subscription: this.#subscription,
      type: 'exclusive',
      consumerName,
      receiverQueueSize,
    } as const;
    this.#lane = new Lane(cluster, options, (_lane, delivery) => this.#arrive(delivery));
  }

  static async open(config: ReaderConfig, cluster: Cluster, host: Host): Promise<Reader> {
    refuseOptions('createReader', config, { readCompacted: 'nothing is compacted here: leave it out' });
    const topic = fullTopicName(config.topic);
    await cluster.ensureTopic(topic);
    if (cluster.partitionCountOf(topic) > 0) throw nativeError('create reader', 'OperationNotSupported');
    const reader = new Reader(config, topic, cluster, host);
    await reader.#begin(config.startMessageId);
    if (config.listener !== undefined) void reader.#listen(config.listener);
    return reader;
  }

  /** Rejects when the time is over. */
  readNext(timeoutMs?: number): Promise<Message> {
    return this.#host.hold(this.#readNext(timeoutMs));
  }

  hasNext(): boolean {
    return this.#isOpen && this.#unreadCount > 0;
  }

  isConnected(): boolean {
    return this.#isOpen;
  }

  async seek(_messageId: MessageId): Promise<null> {
    throw unsupported('reader.seek', `open another reader at that message, or ${ON_REAL_PULSAR}`);
  }

  async seekTimestamp(_timestamp: number): Promise<null> {
    throw unsupported('reader.seekTimestamp', `open another reader at an earlier message, or ${ON_REAL_PULSAR}`);
  }

  async close(): Promise<null> {
    this.#isOpen = false;
    this.#lane.disconnect();
    for (const wait of [...this.#waits]) wait.fail('AlreadyClosed');
    return this.#host.hold(Promise.resolve(null));
  }

  get #unreadCount(): number {
    return this.#cluster.broker.view(this.#topic, this.#subscription).reduce((sum, { backlog }) => sum + backlog, 0);
  }

  /** Entries up to the start count as read. */
  async #begin(start: MessageId): Promise<void> {
    await this.#cluster.ensureSubscription(this.#topic, this.#subscription, start.isLatest ? 'latest' : 'earliest');
    await this.#lane.connect();
    if (start.isEarliest || start.isLatest) return;
    for await (const { messageId } of this.#cluster.broker.readLog(this.#topic)) {
      if (start.isBefore(messageId)) return;
      await this.#lane.ack(messageId);
    }
  }

  async #readNext(timeoutMs?: number): Promise<Message> {
    if (!this.#isOpen) throw nativeError('receive message', 'AlreadyClosed');
    const wait = new Wait('receive message', 1, timeoutMs ?? null);
    this.#waits.push(wait);
    wait.begin(() => this.#waits.splice(this.#waits.indexOf(wait), 1));
    this.#serve();
    const [message] = await wait.messages;
    if (message === undefined) throw nativeError('receive message', 'TimeOut');
    return message;
  }

  #arrive(delivery: Delivery): void {
    this.#ahead.push(delivery);
    this.#serve();
  }

  #serve(): void {
    for (let wait = this.#waits[0]; wait !== undefined; wait = this.#waits[0]) {
      const delivery = this.#ahead.shift();
      if (delivery === undefined) break;
      void this.#lane.ack(delivery.messageId);
      wait.add(new Message(delivery));
    }
    if (this.#waits.length > 0) this.#lane.ask();
  }

  async #listen(listener: (message: Message, reader: Reader) => unknown): Promise<void> {
    while (this.#isOpen) {
      const message = await this.#readNext().catch(() => null);
      if (message === null) return;
      await this.#host.run(async () => listener(message, this));
    }
  }
}
