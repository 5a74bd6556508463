/** Lanes: a consumer's connection to one topic, which can end and begin again without the consumer being told. */
import type { EmbeddedConsumer, SeekTarget } from '../../../shared/adapters/embedded-broker-consumer';
import { OrderlabError } from '../../../shared/errors';
import type { Delivery } from '../../../shared/model/message';
import type { KeySharedPolicy, SubscriptionType } from '../../../shared/model/subscription';
import type { Cluster } from './cluster';
import { attributesOf } from './content';

export interface LaneOptions {
  readonly topic: string;
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly consumerName: string;
  readonly receiverQueueSize: number;
  readonly keyShared: KeySharedPolicy;
}

export class Lane {
  readonly topic: string;
  readonly #cluster: Cluster;
  readonly #options: LaneOptions;
  readonly #arrived: (lane: Lane, delivery: Delivery) => void;
  #port: EmbeddedConsumer | null = null;
  #isAsking = false;
  #connection = 0;

  constructor(cluster: Cluster, options: LaneOptions, arrived: (lane: Lane, delivery: Delivery) => void) {
    this.topic = options.topic;
    this.#cluster = cluster;
    this.#options = options;
    this.#arrived = arrived;
  }

  /** Counts connections. */
  get connection(): number {
    return this.#connection;
  }

  get isConnected(): boolean {
    return this.#port !== null;
  }

  async connect(): Promise<void> {
    if (this.#port !== null) return;
    const { topic, subscription, type, consumerName, receiverQueueSize, keyShared } = this.#options;
    const name = this.#cluster.subscriptionName(topic, subscription);
    const asked = { topic, subscription: name, type, consumerName, receiverQueueSize, keyShared };
    this.#port = await this.#cluster.broker.subscribe(asked);
    this.#connection += 1;
    this.#cluster.countMember(topic, subscription, 1);
  }

  /** What it was given goes to others. */
  disconnect(): void {
    if (this.#port === null) return;
    this.#cluster.broker.severConsumer(this.#port);
    this.#port = null;
    this.#isAsking = false;
    this.#cluster.countMember(this.topic, this.#options.subscription, -1);
  }

  /** Asks for one message, unless it is waiting for one. */
  ask(): void {
    if (this.#port === null || this.#isAsking) return;
    this.#isAsking = true;
    void this.#receive(this.#port);
  }

  async ack(messageId: string): Promise<void> {
    await this.#port?.ack(messageId);
  }

  /** Everything up to that message, whoever holds it. */
  async ackUpTo(messageId: string): Promise<void> {
    await this.#port?.ackCumulative(messageId);
  }

  /** Everybody of the subscription is disconnected and comes back; the cursor stands there then. */
  async seek(to: SeekTarget): Promise<void> {
    await this.#port?.seek(to);
  }

  /** The first message of each partition that was published then or later comes next. */
  async seekTime(epochMs: number): Promise<void> {
    const { broker } = this.#cluster;
    const positions = new Map(broker.viewLogs(this.topic).map(({ partition }) => [partition, 0]));
    for await (const entry of broker.readLog(this.topic)) {
      const isEarlier = attributesOf(entry).publishTimestamp < epochMs;
      if (isEarlier) positions.set(entry.partition, entry.position + 1);
    }
    const name = this.#cluster.subscriptionName(this.topic, this.#options.subscription);
    broker.seek(this.topic, name, positions);
  }

  /** Asks for redelivery now. Nothing when it has left: it gave everything back. */
  async giveBack(messageId: string): Promise<void> {
    await this.#port?.nack(messageId);
  }

  /** Whether a message of that id can have come this way. */
  async owns(messageId: string): Promise<boolean> {
    try {
      for await (const entry of this.#cluster.broker.readLog(this.topic))
        if (entry.messageId === messageId) return true;
      return false;
    } catch (thrown) {
      if (thrown instanceof OrderlabError) return false;
      throw thrown;
    }
  }

  async #receive(port: EmbeddedConsumer): Promise<void> {
    const delivery = await port.receive();
    if (delivery === null || port !== this.#port) return;
    this.#isAsking = false;
    this.#arrived(this, delivery);
  }
}
