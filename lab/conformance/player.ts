/** Player: one script on one subject. It performs operations, notes what is delivered, and knows when nothing moves. */
import { OrderlabError } from '../../shared/errors';
import { invariant, unreachable } from '../../shared/model/invariant';
import type { Delivery } from '../../shared/model/message';
import type { Consumer, Producer } from '../../shared/ports';
import { deadline } from './deadline';
import { cursorFacts, type Facts, type Receipt, receiptFacts, sightFacts } from './facts';
import { type MessageName, type Operation, operationText, type Script } from './script';
import type { Sight, Subject } from './subject';
import type { Tempo } from './tempo';

const SUBSCRIPTION = 'conformance';

type Join = Extract<Operation, { kind: 'join' }>;

export class Player {
  readonly #subject: Subject;
  readonly #script: Script;
  readonly #tempo: Tempo;
  readonly #topic: string;
  readonly #consumers = new Map<string, Consumer>();
  readonly #idOf = new Map<string, string>();
  readonly #acknowledged = new Set<string>();
  /** Names of consumers that do not prefetch: whether they have room can be compared. */
  readonly #crisp = new Set<string>();
  readonly #receipts: Receipt[] = [];
  /** What each consumer got and neither gave back nor saw acknowledged. */
  readonly #held = new Map<string, MessageName[]>();
  /** Consumers that are there, with how many messages they wait for. */
  readonly #waiting = new Map<Consumer, number>();
  #producer: Producer | null = null;
  #publishedCount = 0;
  #movedAtMs = 0;
  #outcome = 'done';
  #failure: unknown = null;

  constructor(subject: Subject, script: Script, tempo: Tempo) {
    this.#subject = subject;
    this.#script = script;
    this.#tempo = tempo;
    this.#topic = subject.topicOf(script.name);
  }

  /** Topic, subscription and producer. */
  async open(): Promise<void> {
    const { broker, name } = this.#subject;
    await this.#within(`open ${this.#script.name} on ${name}`, async () => {
      await broker.createTopic(this.#topic, this.#script.partitionCount);
      if (this.#buries) await broker.createTopic(this.#deadTopic, 0);
      if (this.#script.limits !== undefined) await this.#subject.limit(this.#topic, this.#script.limits);
      await broker.createSubscription(this.#topic, SUBSCRIPTION);
      this.#producer = await broker.createProducer(this.#topic, 'conformance');
    });
  }

  /** Performs the operation and waits until nothing moves. Returns what can be seen then. */
  async play(operation: Operation): Promise<Facts> {
    const what = `${operationText(operation)} on ${this.#subject.name}`;
    await this.#within(what, () => this.#perform(operation));
    const settledAtMs = this.#nowMs + this.#delayOf(operation);
    return this.#settle(what, settledAtMs);
  }

  /** Waits until nothing moves, once more. */
  lookAgain(): Promise<Facts> {
    return this.#settle(`another look at ${this.#subject.name}`, 0);
  }

  async close(): Promise<void> {
    await this.#within(`close ${this.#script.name} on ${this.#subject.name}`, async () => {
      for (const consumer of this.#consumers.values()) await consumer.close();
      await this.#producer?.close();
    });
  }

  get #nowMs(): number {
    return this.#tempo.clock.nowMs();
  }

  #within<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { deadlineMs: ms, deadlinesHold: holds } = this.#tempo;
    return deadline(what, { ms, holds }, work());
  }

  async #perform(operation: Operation): Promise<void> {
    this.#outcome = 'done';
    switch (operation.kind) {
      case 'publish':
        for (const message of operation.messages) await this.#publish(message);
        return;
      case 'join':
        await this.#join(operation);
        return;
      case 'ask':
        for (let count = 0; count < operation.count; count += 1) void this.#receive(operation.consumer);
        return;
      case 'ack':
        for (const message of operation.messages) await this.#ack(operation.consumer, message);
        return;
      case 'nack':
        for (const message of operation.messages) await this.#consumer(operation.consumer).nack(this.#id(message));
        return;
      case 'nack-then-ack':
        for (const message of operation.messages) {
          await this.#consumer(operation.consumer).nack(this.#id(message));
          await this.#ack(operation.consumer, message);
        }
        return;
      case 'ack-held':
      case 'nack-held':
        await this.#performOnHeld(operation);
        return;
      case 'ack-all-but-one':
        for (const message of this.#heldBy(operation.consumer).slice(1)) await this.#ack(operation.consumer, message);
        return;
      case 'nack-then-close':
        for (const message of operation.messages) await this.#consumer(operation.consumer).nack(this.#id(message));
        await this.#close(operation.consumer);
        return;
      case 'close':
        await this.#close(operation.consumer);
        return;
      case 'kill':
        this.#held.delete(operation.consumer);
        this.#waiting.delete(this.#consumer(operation.consumer));
        this.#subject.sever(this.#consumer(operation.consumer));
        this.#consumers.delete(operation.consumer);
        return;
      case 'unload':
        await this.#subject.unload(this.#topic);
        return;
      case 'unload-at-rest':
        if (this.#waiting.size === 0) await this.#subject.unload(this.#topic);
        return;
      case 'seek':
        await this.#seek(operation.message);
        return;
      case 'wait-for-timeouts':
        return;
      default:
        unreachable(operation, 'operation of a script');
    }
  }

  async #close(name: string): Promise<void> {
    this.#held.delete(name);
    await this.#consumer(name).close();
    this.#consumers.delete(name);
  }

  async #publish(message: MessageName): Promise<void> {
    invariant(this.#producer !== null, 'a player is opened before it plays');
    const [key = '', number = ''] = message.split(':');
    const payload = new TextEncoder().encode(message);
    this.#idOf.set(message, await this.#producer.send({ key, payload, properties: { number } }));
    this.#publishedCount += 1;
  }

  /** That a consumer is refused is a fact like any other. */
  async #join({ consumer, consumerName, type, receiverQueueSize, asked }: Join): Promise<void> {
    const options = { topic: this.#topic, subscription: SUBSCRIPTION, type, consumerName, receiverQueueSize };
    const { priorityLevel = 0, timesOut = false, maxRedeliverCount } = asked;
    const ackTimeoutMs = timesOut ? this.#tempo.delays.ackTimeoutMs : 0;
    const deadLetter = maxRedeliverCount === undefined ? null : { maxRedeliverCount, topic: this.#deadTopic };
    const extras = { priorityLevel, ackTimeoutMs, deadLetter };
    try {
      this.#consumers.set(consumer, await this.#subject.broker.subscribe({ ...options, ...extras }));
      if (receiverQueueSize === 0) this.#crisp.add(consumerName);
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError && thrown.code === 'CONSUMER_BUSY')) throw thrown;
      this.#outcome = `refused: ${thrown.code}`;
    }
  }

  async #receive(name: string): Promise<void> {
    try {
      const consumer = this.#consumer(name);
      this.#countWaiting(consumer, 1);
      const delivery = await consumer.receive();
      this.#countWaiting(consumer, -1);
      if (delivery !== null) this.#note(name, delivery);
    } catch (thrown) {
      this.#failure ??= thrown;
    }
  }

  #countWaiting(consumer: Consumer, change: 1 | -1): void {
    const count = (this.#waiting.get(consumer) ?? 0) + change;
    if (count > 0) this.#waiting.set(consumer, count);
    else this.#waiting.delete(consumer);
  }

  #note(consumer: string, { key, properties, redeliveryCount }: Delivery): void {
    this.#receipts.push({ consumer, key, number: properties.number ?? '', redeliveryCount });
    this.#held.set(consumer, [...(this.#held.get(consumer) ?? []), `${key}:${Number(properties.number)}`]);
    this.#movedAtMs = this.#nowMs;
  }

  async #ack(consumer: string, message: MessageName): Promise<void> {
    await this.#consumer(consumer).ack(this.#id(message));
    this.#acknowledged.add(message);
    for (const [name, held] of this.#held)
      this.#held.set(
        name,
        held.filter((each) => each !== message),
      );
  }

  /** In the order of the log: that of arrival over several keys is free. */
  #heldBy(consumer: string): readonly MessageName[] {
    const published = [...this.#idOf.keys()];
    return [...(this.#held.get(consumer) ?? [])].sort(
      (left, right) => published.indexOf(left) - published.indexOf(right),
    );
  }

  async #performOnHeld({ kind, consumer, held }: Extract<Operation, { held: number }>): Promise<void> {
    const messages = this.#heldBy(consumer);
    const message = messages[held % messages.length];
    if (message === undefined) return;
    if (kind === 'ack-held') {
      await this.#ack(consumer, message);
      return;
    }
    this.#held.set(
      consumer,
      messages.filter((each) => each !== message),
    );
    await this.#consumer(consumer).nack(this.#id(message));
  }

  /** What comes behind the message in its partition counts as not acknowledged, what comes before it as acknowledged. */
  async #seek(message: MessageName): Promise<void> {
    invariant(this.#script.partitionCount === 0, 'a script seeks on a plain topic');
    await this.#subject.seek(this.#topic, SUBSCRIPTION, this.#id(message));
    const published = [...this.#idOf.keys()];
    this.#acknowledged.clear();
    for (const before of published.slice(0, published.indexOf(message))) this.#acknowledged.add(before);
  }

  get #deadTopic(): string {
    return `${this.#topic}-dead`;
  }

  /** Some consumer has a topic of dead letters. */
  get #buries(): boolean {
    return this.#script.operations.some((each) => each.kind === 'join' && each.asked.maxRedeliverCount !== undefined);
  }

  /** A client acknowledges what it has copied to the topic of dead letters. */
  async #deadFacts(): Promise<Facts> {
    if (!this.#buries) return new Map();
    const texts: string[] = [];
    for await (const { key, properties } of this.#subject.broker.readLog(this.#deadTopic)) {
      const message: MessageName = `${key}:${Number(properties.number)}`;
      this.#acknowledged.add(message);
      texts.push(`${message} from ${properties.REAL_SUBSCRIPTION ?? 'nowhere'}`);
    }
    return new Map([['dead letters', texts.join(' ') || 'nothing']]);
  }

  #consumer(name: string): Consumer {
    const consumer = this.#consumers.get(name);
    invariant(consumer !== undefined, 'a script names consumers that are there');
    return consumer;
  }

  #id(message: MessageName): string {
    const id = this.#idOf.get(message);
    invariant(id !== undefined, 'a script names messages that it has published');
    return id;
  }

  /** Effects that come later than their cause, without a sign that they have come. */
  #delayOf(operation: Operation): number {
    const { delays, slackMs } = this.#tempo;
    if (operation.kind.startsWith('nack')) return delays.negativeAckMs + slackMs;
    if (operation.kind === 'wait-for-timeouts') return delays.ackTimeoutMs + delays.ackTimeoutTickMs + slackMs;
    const reconnects = operation.kind.startsWith('unload') || operation.kind === 'seek';
    const changes = reconnects || operation.kind === 'join' || operation.kind === 'close' || operation.kind === 'kill';
    return changes && this.#isFailover ? delays.takeOverMs + slackMs : 0;
  }

  get #isFailover(): boolean {
    return this.#script.operations.some((each) => each.kind === 'join' && each.type === 'failover');
  }

  /**
   * The barrier: no delivery for a while, two equal looks, every effect that can be named has come. A barrier that is
   * not reached is a fact too, since the other side may have reached it.
   */
  async #settle(what: string, notBeforeMs: number): Promise<Facts> {
    const { quietMs, pollMs, deadlineMs } = this.#tempo;
    const giveUpAtMs = this.#nowMs + deadlineMs;
    this.#movedAtMs = this.#nowMs;
    for (let last = ''; ; await this.#tempo.clock.sleep(pollMs)) {
      const { sights, facts } = await this.#within(what, () => this.#look());
      if (this.#failure !== null) throw this.#failure;
      const now = JSON.stringify([...facts]);
      const isStill = now === last && this.#nowMs >= Math.max(notBeforeMs, this.#movedAtMs + quietMs);
      const missing = this.#missingIn(sights);
      if (isStill && missing === null) return facts;
      if (this.#nowMs >= giveUpAtMs) return facts.set('barrier', missing ?? 'something goes on moving');
      last = now;
    }
  }

  async #look(): Promise<{ readonly sights: readonly Sight[]; readonly facts: Map<string, string> }> {
    const place = [this.#topic, this.#script.partitionCount, SUBSCRIPTION] as const;
    const [sights, cursors, dead] = await Promise.all([
      this.#subject.look(...place),
      this.#subject.cursors(...place),
      this.#deadFacts(),
    ]);
    const facts = new Map([
      ['outcome', this.#outcome],
      ...receiptFacts(this.#receipts),
      ...sightFacts(sights, this.#crisp),
      ...cursorFacts(cursors),
      ...dead,
    ]);
    return { sights, facts };
  }

  /** Why the statistics are not those of now: acknowledgements travel in groups, and a dead socket is noticed later. */
  #missingIn(sights: readonly Sight[]): string | null {
    const backlog = sights.reduce((sum, sight) => sum + sight.backlog, 0);
    const expected = this.#publishedCount - this.#acknowledged.size;
    if (backlog !== expected) return `the backlog is ${backlog}, not ${expected}`;
    const wrong = sights.find(({ consumers }) => consumers.length !== this.#consumers.size);
    return wrong ? `${wrong.consumers.length} consumers are connected, not ${this.#consumers.size}` : null;
  }
}
