/** Reader of the drop-in: over the embedded broker's own readers. */
import type { EmbeddedReader } from '../../../shared/adapters/embedded-broker-reader';
import { type Cluster, fullTopicName } from './cluster';
import { nativeError, refuseOptions, unsupported } from './failure';
import type { Host } from './host';
import { Message } from './message';
import type { MessageId } from './message-id';
import { Wait } from './wait';

export interface ReaderConfig {
  readonly topic: string;
  /** Reading begins behind it. */
  readonly startMessageId: Pick<MessageId, 'serialize' | 'toString'>;
  readonly receiverQueueSize?: number;
  readonly readerName?: string;
  listener?(message: Message, reader: Reader): unknown;
}

const RECEIVER_QUEUE_SIZE = 1000;

export class Reader {
  readonly #host: Host;
  readonly #port: EmbeddedReader;
  readonly #waits: Wait[] = [];
  /** Fetched for somebody who stopped waiting. */
  readonly #ahead: Message[] = [];
  #isOpen = true;
  #isAsking = false;

  private constructor(port: EmbeddedReader, host: Host) {
    this.#port = port;
    this.#host = host;
  }

  static async open(config: ReaderConfig, cluster: Cluster, host: Host): Promise<Reader> {
    refuseOptions('createReader', config, { readCompacted: 'nothing is compacted here: leave it out' });
    const topic = fullTopicName(config.topic);
    await cluster.ensureTopic(topic);
    if (cluster.partitionCountOf(topic) > 0) throw nativeError('create reader', 'OperationNotSupported');
    const { receiverQueueSize = RECEIVER_QUEUE_SIZE, readerName = cluster.freshName() } = config;
    /** Nobody but this module makes ids; the package's own type is taken as well. */
    const from = (config.startMessageId as MessageId).asTarget;
    const reader = new Reader(cluster.broker.openReader({ topic, readerName, from, receiverQueueSize }), host);
    if (config.listener !== undefined) void reader.#listen((...heard) => config.listener?.(...heard));
    return reader;
  }

  /** Rejects when the time is over. */
  readNext(timeoutMs?: number): Promise<Message> {
    return this.#host.hold(this.#readNext(timeoutMs));
  }

  hasNext(): boolean {
    return this.#isOpen && (this.#ahead.length > 0 || this.#port.hasNext());
  }

  isConnected(): boolean {
    return this.#isOpen;
  }

  /** The message behind that one comes next. */
  async seek(messageId: MessageId): Promise<null> {
    this.#ahead.length = 0;
    await this.#host.hold(this.#port.seek(messageId.asTarget));
    return null;
  }

  async seekTimestamp(_timestamp: number): Promise<null> {
    throw unsupported('reader.seekTimestamp', 'seek a message id, or open another reader at an earlier message');
  }

  async close(): Promise<null> {
    this.#isOpen = false;
    await this.#port.close();
    for (const wait of [...this.#waits]) wait.fail('AlreadyClosed');
    return this.#host.hold(Promise.resolve(null));
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

  #serve(): void {
    for (let wait = this.#waits[0]; wait !== undefined; wait = this.#waits[0]) {
      const message = this.#ahead.shift();
      if (message === undefined) break;
      wait.add(message);
    }
    if (this.#waits.length > 0 && !this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const delivery = await this.#port.readNext();
    this.#isAsking = false;
    if (delivery === null) return;
    this.#ahead.push(new Message(delivery));
    this.#serve();
  }

  async #listen(listener: (message: Message, reader: Reader) => unknown): Promise<void> {
    while (this.#isOpen) {
      const message = await this.#readNext().catch(() => null);
      if (message === null) return;
      await this.#host.run(async () => listener(message, this));
    }
  }
}
