/** Lanes: a consumer's connection to one topic, which can end and begin again without the consumer being told. */
import { OrderlabError } from '../../../shared/errors';
import type { Delivery } from '../../../shared/model/message';
import type { SubscriptionType } from '../../../shared/model/subscription';
import type { Consumer as PortConsumer } from '../../../shared/ports';
import type { Cluster } from './cluster';

export interface LaneOptions {
  readonly topic: string;
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly consumerName: string;
  readonly receiverQueueSize: number;
}

export class Lane {
  readonly topic: string;
  readonly #cluster: Cluster;
  readonly #options: LaneOptions;
  readonly #arrived: (lane: Lane, delivery: Delivery) => void;
  #port: PortConsumer | null = null;
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
    const { topic, subscription } = this.#options;
    const name = this.#cluster.subscriptionName(topic, subscription);
    this.#port = await this.#cluster.broker.subscribe({ ...this.#options, subscription: name });
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

  async #receive(port: PortConsumer): Promise<void> {
    const delivery = await port.receive();
    if (delivery === null || port !== this.#port) return;
    this.#isAsking = false;
    this.#arrived(this, delivery);
  }
}
