/** Producer of the drop-in. Every message is an entry of its own: batches, which mix keys by default, are not made. */
import type { Producer as PortProducer } from '../../../shared/ports';
import type { Cluster } from './cluster';
import { fullTopicName } from './cluster';
import { type Attributes, withAttributes } from './content';
import { nativeError, ON_REAL_PULSAR, refuseOptions, unsupported } from './failure';
import type { Host } from './host';
import { MessageId } from './message-id';

export interface ProducerConfig {
  readonly topic: string;
  readonly producerName?: string;
  readonly accessMode?: string;
}

export interface ProducerMessage {
  /** Anything but a Buffer is sent empty, as the native client does. */
  readonly data: Buffer;
  readonly properties?: Readonly<Record<string, string>>;
  readonly eventTimestamp?: number;
  readonly partitionKey?: string;
  readonly orderingKey?: string;
}

const NOT_IN_A_PRODUCER = {
  messageRouter: 'a key chooses the partition',
  schema: 'send bytes',
  encryptionKey: ON_REAL_PULSAR,
  encryptionKeys: ON_REAL_PULSAR,
  chunkingEnabled: ON_REAL_PULSAR,
};

const NOT_IN_A_MESSAGE = {
  deliverAfter: ON_REAL_PULSAR,
  deliverAt: ON_REAL_PULSAR,
  replicationClusters: ON_REAL_PULSAR,
};

export class Producer {
  readonly #cluster: Cluster;
  readonly #host: Host;
  readonly #port: PortProducer;
  readonly #topic: string;
  readonly #name: string;
  #isOpen = true;
  #keylessCount = 0;

  private constructor(cluster: Cluster, host: Host, port: PortProducer, topic: string, name: string) {
    this.#cluster = cluster;
    this.#host = host;
    this.#port = port;
    this.#topic = topic;
    this.#name = name;
  }

  static async open(config: ProducerConfig, cluster: Cluster, host: Host): Promise<Producer> {
    refuseOptions('createProducer', config, NOT_IN_A_PRODUCER);
    const { accessMode = 'Shared', producerName = cluster.freshName() } = config;
    if (accessMode !== 'Shared') throw unsupported(`accessMode ${accessMode} in createProducer`, ON_REAL_PULSAR);
    const topic = fullTopicName(config.topic);
    await cluster.ensureTopic(topic);
    if (!cluster.takeProducerName(topic, producerName)) throw nativeError('create producer', 'ProducerBusy');
    const port = await cluster.broker.createProducer(topic, producerName);
    return new Producer(cluster, host, port, topic, producerName);
  }

  send(message: ProducerMessage): Promise<MessageId> {
    return this.#host.hold(this.#send(message));
  }

  async flush(): Promise<null> {
    return this.#host.hold(Promise.resolve(null));
  }

  async close(): Promise<null> {
    if (this.#isOpen) this.#cluster.freeProducerName(this.#topic, this.#name);
    this.#isOpen = false;
    await this.#host.hold(this.#port.close());
    return null;
  }

  getProducerName(): string {
    return this.#name;
  }

  getTopic(): string {
    return this.#topic;
  }

  isConnected(): boolean {
    return this.#isOpen;
  }

  async #send(message: ProducerMessage): Promise<MessageId> {
    if (!this.#isOpen) throw nativeError('send message', 'AlreadyClosed');
    refuseOptions('send', message, NOT_IN_A_MESSAGE);
    const attributes = this.#attributesOf(message);
    const payload = Buffer.isBuffer(message.data) ? Buffer.from(message.data) : Buffer.alloc(0);
    const properties = Object.fromEntries(
      Object.entries(message.properties ?? {}).map(([name, value]) => [cut(name), cut(String(value))]),
    );
    const key = this.#keyOf(attributes);
    return MessageId.of(await this.#port.send(withAttributes({ key, payload, properties }, attributes)));
  }

  #attributesOf({ partitionKey = '', orderingKey = '', eventTimestamp = 0 }: ProducerMessage): Attributes {
    return {
      partitionKey: cut(partitionKey),
      orderingKey: cut(orderingKey),
      producerName: this.#name,
      publishTimestamp: Date.now(),
      eventTimestamp,
    };
  }

  /**
   * What the broker orders by: the ordering key before the partition key, and for neither the producer's name with a
   * number, so that such messages are spread (AbstractBaseDispatcher.peekStickyKey). The broker here has one key for
   * hash ranges and partitions, where Pulsar has two.
   */
  #keyOf({ partitionKey, orderingKey }: Attributes): string {
    if (orderingKey !== '' && this.#cluster.partitionCountOf(this.#topic) > 0 && orderingKey !== partitionKey) {
      throw unsupported('an ordering key beside a partition key on a partitioned topic', 'use one of the two');
    }
    if (orderingKey !== '') return orderingKey;
    if (partitionKey !== '') return partitionKey;
    this.#keylessCount += 1;
    return `${this.#name}-${this.#keylessCount}`;
  }
}

/** The native client hands texts over as C strings. */
function cut(text: string): string {
  const [head = ''] = text.split('\0');
  return head;
}
