/** A broker on the bench of its contract suite: topics, short words for messages, and waiting with a deadline. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery, LogEntry } from '../../shared/model/message';
import type { SubscriptionType } from '../../shared/model/subscription';
import type { Broker, Consumer, Producer } from '../../shared/ports';
import type { OpenedBroker } from './broker-promises';

/** Between two looks at a condition that nobody announces. */
const POLL_MS = 5;

let topicCount = 0;

export class BrokerBench {
  readonly subscription = 'suite';
  topic = '';
  #opened: OpenedBroker | null = null;
  #producer: Producer | null = null;
  #publishedCount = 0;
  readonly #open: () => Promise<OpenedBroker>;
  readonly #deadlineMs: number;

  constructor(open: () => Promise<OpenedBroker>, deadlineMs: number) {
    this.#open = open;
    this.#deadlineMs = deadlineMs;
  }

  async open(): Promise<void> {
    this.#opened = await this.#open();
    this.#producer = null;
    this.#publishedCount = 0;
  }

  get opened(): OpenedBroker {
    if (this.#opened === null) throw new Error('the bench is not open');
    return this.#opened;
  }

  get broker(): Broker {
    return this.opened.broker;
  }

  async close(): Promise<void> {
    await this.broker.close();
  }

  async openTopic(partitionCount: number): Promise<void> {
    topicCount += 1;
    this.topic = `contract-${process.pid}-${topicCount}`;
    await this.broker.createTopic(this.topic, partitionCount);
    await this.broker.createSubscription(this.topic, this.subscription);
  }

  join(name: string, type: SubscriptionType, receiverQueueSize = 10, subscription = this.subscription) {
    const options = { topic: this.topic, subscription, type, consumerName: name, receiverQueueSize };
    return this.within(this.broker.subscribe(options), `joining of ${name}`);
  }

  /** Publishes one after the other. The key stands before the colon of a text; the payload counts from 1. */
  async publish(texts: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const text of texts) ids.push(...(await this.publishAtOnce([text])));
    return ids;
  }

  async publishAtOnce(texts: readonly string[]): Promise<string[]> {
    this.#producer ??= await this.broker.createProducer(this.topic, 'suite');
    const producer = this.#producer;
    const sends = texts.map((text) => {
      this.#publishedCount += 1;
      const payload = new Uint8Array([this.#publishedCount % 256]);
      return producer.send({ key: text.split(':')[0] ?? '', payload, properties: { text } });
    });
    return this.within(Promise.all(sends), 'publishing');
  }

  async readLog(): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of this.broker.readLog(this.topic)) entries.push(entry);
    return entries;
  }

  async textsOf(entries: AsyncIterable<LogEntry>): Promise<string[]> {
    const texts: string[] = [];
    for await (const { properties } of entries) texts.push(properties.text ?? '');
    return texts;
  }

  async receive(consumer: Consumer): Promise<Delivery> {
    const delivery = await this.within(consumer.receive(), 'receiving');
    if (delivery === null) throw new Error('the consumer is closed');
    return delivery;
  }

  textOf({ properties }: Delivery): string {
    return properties.text ?? '';
  }

  /** Receives that many messages and returns their texts. */
  async take(consumer: Consumer, count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) texts.push(this.textOf(await this.receive(consumer)));
    return texts;
  }

  async takeAndAck(consumer: Consumer, count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const delivery = await this.receive(consumer);
      texts.push(this.textOf(delivery));
      await consumer.ack(delivery.messageId);
    }
    return texts;
  }

  of(key: string, texts: readonly string[]): string[] {
    return texts.filter((text) => text.startsWith(`${key}:`));
  }

  async backlog(): Promise<number> {
    return (await this.broker.stats(this.topic, this.subscription)).backlog;
  }

  untilDrained(): Promise<void> {
    return this.until('the backlog is 0', async () => (await this.backlog()) === 0);
  }

  collect(consumers: readonly Consumer[], { acks = false } = {}): Collection {
    const collection = new Collection(this, acks);
    for (const consumer of consumers) collection.add(consumer);
    return collection;
  }

  /** A killed consumer if the adapter can kill, else one that closes. Nothing that it takes from now on is noted. */
  async leaveNow(consumer: Consumer | undefined, collection: Collection, severs: boolean): Promise<void> {
    if (consumer === undefined) return;
    collection.forget(consumer);
    await (severs ? this.opened.sever(consumer) : consumer.close());
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const lastLook = performance.now() + this.#deadlineMs;
    while (!(await holds())) {
      if (performance.now() > lastLook) throw new Error(`${what}: not within ${this.#deadlineMs} ms`);
      await pause(POLL_MS);
    }
  }

  async within<T>(work: Promise<T>, what: string): Promise<T> {
    const cancelled = new AbortController();
    const late = pause(this.#deadlineMs, undefined, { signal: cancelled.signal }).then(() => {
      throw new Error(`${what}: not within ${this.#deadlineMs} ms`);
    });
    late.catch(() => {});
    return Promise.race([work, late]).finally(() => cancelled.abort());
  }
}

/** Everything that several consumers take, in the order in which they took it. */
class Collection {
  readonly #bench: BrokerBench;
  readonly #acks: boolean;
  readonly #consumers: Consumer[] = [];
  readonly #notes: { readonly text: string; readonly consumerIndex: number }[] = [];
  readonly #forgotten = new Set<Consumer>();

  constructor(bench: BrokerBench, acks: boolean) {
    this.#bench = bench;
    this.#acks = acks;
  }

  add(consumer: Consumer): void {
    void this.#run(consumer, this.#consumers.push(consumer) - 1);
  }

  forget(consumer: Consumer): void {
    this.#forgotten.add(consumer);
  }

  /** Something that is no delivery, to compare with. */
  note(text: string): void {
    this.#notes.push({ text, consumerIndex: -1 });
  }

  async untilDistinct(count: number): Promise<void> {
    await this.#bench.until(`${count} messages were taken`, () => this.firstDeliveries().length >= count);
  }

  deliveries(): string[] {
    return this.#deliveries().map(({ text }) => text);
  }

  /** Each text once, where it was taken first. */
  firstDeliveries(): string[] {
    return [...new Set(this.deliveries())];
  }

  consumerIndices(): number[] {
    return this.#deliveries().map(({ consumerIndex }) => consumerIndex);
  }

  textsAt(index: number): string[] {
    return this.#notes.filter(({ consumerIndex }) => consumerIndex === index).map(({ text }) => text);
  }

  indexOf(text: string): number {
    return this.#notes.findIndex((note) => note.text === text);
  }

  #deliveries() {
    return this.#notes.filter(({ consumerIndex }) => consumerIndex >= 0);
  }

  async #run(consumer: Consumer, consumerIndex: number): Promise<void> {
    for (;;) {
      const delivery = await consumer.receive();
      if (delivery === null || this.#forgotten.has(consumer)) return;
      this.#notes.push({ text: this.#bench.textOf(delivery), consumerIndex });
      if (this.#acks) await consumer.ack(delivery.messageId);
    }
  }
}
