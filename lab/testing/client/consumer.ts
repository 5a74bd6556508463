/**
 * Consumer of the drop-in: receive, batchReceive and listeners over lanes. What a kit does to it comes through its host.
 */
import type { Delivery } from '../../../shared/model/message';
import type { SubscriptionType } from '../../../shared/model/subscription';
import type { Cluster } from './cluster';
import type { ConsumerSettings } from './consumer-settings';
import { nativeError } from './failure';
import type { Host, Member } from './host';
import { Lane } from './lane';
import { Message } from './message';
import { MessageId } from './message-id';
import { Returns } from './returns';
import { Wait } from './wait';

/** A message at this consumer. */
interface Held {
  readonly lane: Lane;
  /** The lane's connection that it came by: when that ended, the message went to others. */
  readonly connection: number;
  readonly delivery: Delivery;
}

export class Consumer {
  readonly #cluster: Cluster;
  readonly #host: Host;
  readonly #settings: ConsumerSettings;
  readonly #type: SubscriptionType;
  readonly #lanes: readonly Lane[];
  readonly #member: Member;
  readonly #returns: Returns;
  readonly #waits: Wait[] = [];
  /** Fetched for somebody who stopped waiting. */
  readonly #ahead: Held[] = [];
  /** Handed over and neither acknowledged nor given back, by printed message id. */
  readonly #inHand = new Map<string, Held>();
  /** Negatively acknowledged, and the broker is not told yet. */
  readonly #returning = new Map<string, Held>();
  #isOpen = true;
  #isServing = false;

  private constructor(cluster: Cluster, host: Host, settings: ConsumerSettings) {
    this.#cluster = cluster;
    this.#host = host;
    this.#settings = settings;
    this.#type = host.subscriptionType(settings.type);
    const options = { ...settings, type: this.#type };
    this.#lanes = settings.topics.map(
      (topic) => new Lane(cluster, { ...options, topic }, (...held) => this.#arrive(...held)),
    );
    this.#member = this.#asMember();
    this.#returns = new Returns({
      negativeAckDelayMs: host.negativeAckDelayMs(settings.negativeAckDelayMs),
      ackTimeoutMs: settings.ackTimeoutMs,
      give: (id) => void this.#giveBack(id),
    });
  }

  static async open(settings: ConsumerSettings, cluster: Cluster, host: Host): Promise<Consumer> {
    const consumer = new Consumer(cluster, host, settings);
    await consumer.#connect();
    return consumer;
  }

  /** Rejects when the time is over, and when the consumer is closed. */
  receive(timeoutMs?: number): Promise<Message> {
    if (this.#settings.listener !== null) return this.#refused('receive message', 'InvalidConfiguration');
    return this.#host.hold(this.#receive(timeoutMs));
  }

  /** As many as the policy names, or what came until its time is over: none as well. */
  batchReceive(): Promise<Message[]> {
    if (this.#settings.listener !== null) return this.#refused('batch receive message', 'InvalidConfiguration');
    const { countMax, timeoutMs } = this.#settings.batch;
    const wait = new Wait('batch receive message', countMax, timeoutMs);
    return this.#host.hold(this.#enqueue(wait));
  }

  acknowledge(message: Message): Promise<null> {
    return this.#acknowledge(message.getMessageId(), 'acknowledge');
  }

  acknowledgeId(messageId: MessageId): Promise<null> {
    return this.#acknowledge(messageId, 'acknowledge id');
  }

  negativeAcknowledge(message: Message): void {
    this.negativeAcknowledgeId(message.getMessageId());
  }

  negativeAcknowledgeId(messageId: MessageId): void {
    const held = this.#inHand.get(messageId.printed);
    if (!this.#isOpen || held === undefined) return;
    this.#inHand.delete(messageId.printed);
    this.#returning.set(messageId.printed, held);
    this.#host.givenBack(this.#member, held.delivery);
    this.#returns.later(messageId.printed);
  }

  acknowledgeCumulative(message: Message): Promise<null> {
    return this.#acknowledgeUpTo(message.getMessageId(), 'acknowledge cumulatively');
  }

  acknowledgeCumulativeId(messageId: MessageId): Promise<null> {
    return this.#acknowledgeUpTo(messageId, 'acknowledge cumulatively by id');
  }

  /** The message behind that one comes next. */
  seek(messageId: MessageId): Promise<null> {
    return this.#host.hold(this.#seek('seek message by id', (lane) => lane.seek(messageId.asTarget)));
  }

  seekTimestamp(timestamp: number): Promise<null> {
    return this.#host.hold(this.#seek('seek message by timestamp', (lane) => lane.seekTime(timestamp)));
  }

  isConnected(): boolean {
    return this.#isOpen && this.#lanes.every(({ isConnected }) => isConnected);
  }

  close(): Promise<null> {
    return this.#host.hold(this.#close());
  }

  /** Removes the subscription with all that it remembers. Refused while others are connected to it. */
  unsubscribe(): Promise<null> {
    return this.#host.hold(this.#unsubscribe());
  }

  async #connect(): Promise<void> {
    const { topics, subscription, from } = this.#settings;
    for (const topic of topics) {
      await this.#cluster.ensureTopic(topic);
      await this.#cluster.ensureSubscription(topic, subscription, from);
    }
    for (const lane of this.#lanes) await lane.connect().catch((thrown: unknown) => this.#fail(thrown));
    this.#host.joined(this.#member);
    if (this.#settings.listener !== null) void this.#host.run(() => this.#listen(this.#settings.listener));
  }

  #fail(thrown: unknown): never {
    for (const lane of this.#lanes) lane.disconnect();
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
    if (code === 'CONSUMER_BUSY') throw nativeError('create consumer', 'ConsumerBusy');
    throw code === 'CONSUMER_REFUSED' ? nativeError('create consumer', 'ResultConsumerAssignError') : thrown;
  }

  #asMember(): Member {
    return {
      topics: this.#settings.topics,
      subscription: this.#settings.subscription,
      isIdle: () => this.#inHand.size === 0 && this.#waits.length > 0,
      inHandCount: () => this.#inHand.size,
      disconnect: () => this.#disconnect(),
      reconnect: () => this.#reconnect(),
    };
  }

  #disconnect(): void {
    for (const lane of this.#lanes) lane.disconnect();
    this.#forgetUnseen();
  }

  #forgetUnseen(): void {
    this.#returns.forgetAll();
    this.#returning.clear();
    this.#ahead.length = 0;
  }

  async #reconnect(): Promise<void> {
    if (!this.#isOpen) return;
    for (const lane of this.#lanes) await lane.connect();
    void this.#serve();
  }

  async #receive(timeoutMs?: number): Promise<Message> {
    const [message] = await this.#enqueue(new Wait('receive message', 1, timeoutMs ?? null));
    if (message === undefined) throw nativeError('receive message', 'TimeOut');
    return message;
  }

  #enqueue(wait: Wait): Promise<Message[]> {
    if (!this.#isOpen) return this.#refused(wait.attempt, 'AlreadyClosed');
    this.#waits.push(wait);
    wait.begin(() => this.#waits.splice(this.#waits.indexOf(wait), 1));
    void this.#serve();
    return wait.messages;
  }

  #arrive(lane: Lane, delivery: Delivery): void {
    this.#ahead.push({ lane, connection: lane.connection, delivery });
    void this.#serve();
  }

  /** One at a time, so that a message that is held up is not overtaken. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#waits.length > 0 && this.#ahead.length > 0) await this.#serveNext();
    } finally {
      this.#isServing = false;
    }
    if (this.#waits.length > 0) for (const lane of this.#lanes) lane.ask();
  }

  async #serveNext(): Promise<void> {
    const held = this.#ahead.shift();
    if (held === undefined) return;
    const { lane, connection, delivery } = held;
    const asked = this.#host.beforeReceive(this.#member, delivery);
    const passage = typeof asked === 'string' ? asked : await asked;
    if (passage === 'never' || lane.connection !== connection || !lane.isConnected) return;
    const wait = this.#waits[0];
    if (passage === 'give-back') this.#returnUnseen(held);
    else if (wait === undefined) this.#ahead.unshift(held);
    else this.#handOver(wait, held);
  }

  /** As if a handler had given it back at once: later messages of the key may overtake it until the delay is over. */
  #returnUnseen({ lane, delivery }: Held): void {
    const delayMs = this.#host.negativeAckDelayMs(this.#settings.negativeAckDelayMs);
    setTimeout(() => void lane.giveBack(delivery.messageId), delayMs).unref();
  }

  #handOver(wait: Wait, held: Held): void {
    const { delivery } = held;
    this.#inHand.set(delivery.messageId, held);
    this.#returns.handedOver(delivery.messageId);
    this.#host.received(this.#member, delivery);
    wait.add(new Message(delivery));
  }

  async #listen(listener: ConsumerSettings['listener']): Promise<void> {
    while (this.#isOpen && listener !== null) {
      const [message] = await this.#enqueue(new Wait('receive message', 1, null)).catch(() => []);
      if (message === undefined) return;
      await this.#settings.call(listener, message, this);
    }
  }

  #acknowledge(messageId: MessageId, attempt: string): Promise<null> {
    if (!this.#isOpen) return this.#refused(attempt, 'AlreadyClosed');
    return this.#host.hold(this.#tell(messageId.printed, attempt));
  }

  /** Everything up to the first await happens in the call itself: who does not wait for it has acknowledged all the same. */
  async #tell(id: string, attempt: string): Promise<null> {
    const held = this.#inHand.get(id) ?? this.#returning.get(id) ?? (await this.#strangerOf(id, attempt));
    const asked = this.#host.beforeAck(this.#member, held.delivery);
    const passage = typeof asked === 'string' ? asked : await asked;
    if (passage === 'never') return new Promise<never>(() => {});
    this.#settle(id);
    const tell = passage === 'lose' ? held.lane.giveBack(id) : held.lane.ack(id);
    this.#host.acknowledged(this.#member, held.delivery);
    await tell;
    return null;
  }

  /** Anybody may acknowledge any message of the subscription. */
  async #strangerOf(id: string, attempt: string): Promise<Held> {
    for (const lane of this.#lanes) {
      if (await lane.owns(id)) {
        const place = { messageId: id, topic: lane.topic, partition: -1, key: '', payload: new Uint8Array() };
        return { lane, connection: lane.connection, delivery: { ...place, properties: {}, redeliveryCount: 0 } };
      }
    }
    throw nativeError(attempt, 'OperationNotSupported');
  }

  /** What was in hand or on its way is given up: it comes again from the new place. */
  async #seek(attempt: string, seek: (lane: Lane) => Promise<void>): Promise<null> {
    if (!this.#isOpen) throw nativeError(attempt, 'AlreadyClosed');
    this.#inHand.clear();
    this.#forgetUnseen();
    for (const lane of this.#lanes) await seek(lane);
    return null;
  }

  async #acknowledgeUpTo(messageId: MessageId, attempt: string): Promise<null> {
    if (this.#type === 'shared' || this.#type === 'key-shared') {
      throw nativeError(attempt, 'ResultCumulativeAcknowledgementNotAllowedError');
    }
    const covered = [...this.#inHand.keys()].filter((id) => !messageId.isBefore(id));
    for (const id of covered) await this.#acknowledge(MessageId.of(id), attempt);
    for (const lane of this.#lanes) await lane.ackUpTo(messageId.printed);
    return null;
  }

  #settle(id: string): void {
    this.#inHand.delete(id);
    this.#returning.delete(id);
    this.#returns.forget(id);
  }

  /** Beyond the redeliveries of the dead letter policy the message moves there instead. */
  async #giveBack(id: string): Promise<void> {
    const held = this.#returning.get(id) ?? this.#inHand.get(id);
    if (held === undefined) return;
    this.#settle(id);
    const { deadLetters } = this.#settings;
    if (deadLetters === null || held.delivery.redeliveryCount < deadLetters.redeliveryCountMax) {
      await held.lane.giveBack(id);
      return;
    }
    await deadLetters.send(held.delivery);
    await held.lane.ack(id);
  }

  async #close(): Promise<null> {
    if (!this.#isOpen) return null;
    this.#isOpen = false;
    this.#disconnect();
    this.#inHand.clear();
    this.#host.left(this.#member);
    for (const wait of [...this.#waits]) wait.fail('AlreadyClosed');
    return null;
  }

  async #unsubscribe(): Promise<null> {
    const { topics, subscription } = this.#settings;
    if (!this.#isOpen) throw nativeError('unsubscribe consumer', 'AlreadyClosed');
    if (topics.some((topic) => this.#cluster.memberCount(topic, subscription) > 1)) {
      throw nativeError('unsubscribe consumer', 'BrokerMetadataError');
    }
    await this.#close();
    for (const topic of topics) this.#cluster.removeSubscription(topic, subscription);
    return null;
  }

  #refused(attempt: string, result: string): Promise<never> {
    return this.#host.hold(Promise.reject(nativeError(attempt, result)));
  }
}
