/**
 * Consumer over Pulsar's WebSocket API: one socket per partition, in pull mode.
 *
 * A partition that is addressed by its own name is a plain topic to Pulsar, and that is worth the sockets: there an
 * acknowledgement counts through whichever socket it comes, and a queue is counted per partition as in every client.
 * Through one socket for all partitions, acknowledgements by another consumer would be ignored without a word.
 *
 * In pull mode the window is ours. In push mode a slot is opened by an acknowledgement, so a redelivered copy waits for
 * a slot that only the acknowledgement of its first copy would open: a full window stalls for ever (trap 31).
 */
import { OrderlabError } from '../errors';
import { invariant } from '../model/invariant';
import type { Delivery } from '../model/message';
import { PULSAR_SPELLING, type SubscribeOptions } from '../model/subscription';
import type { Consumer } from '../ports';
import { ackFrame, nackFrame, permitFrame, readPush } from './pulsar-frame';
import { decodeMessageId, encodeMessageId, parseMessageId, printMessageId } from './pulsar-message-id';
import { Link, type LinkOptions } from './pulsar-websocket-link';

export interface ConsumerOptions
  extends Pick<LinkOptions, 'token' | 'deadlines' | 'reconnectDeadlineMs' | 'onReconnect'> {
  readonly negativeAckDelayMs: number;
  readonly subscribe: SubscribeOptions;
  /** Url of the consumer endpoint of each partition, without a query; one url for a plain topic, with partition -1. */
  readonly partitions: readonly { readonly partition: number; readonly url: string }[];
}

/** One partition: its socket, and what was taken of it since room was last announced. */
interface Lane {
  readonly partition: number;
  link: Link | null;
  takenCount: number;
}

interface Receiver {
  readonly resolve: (delivery: Delivery | null) => void;
  readonly reject: (error: OrderlabError) => void;
}

/** killed is not closed: a killed consumer answers nothing at all. */
type Life =
  | { readonly kind: 'open' | 'closed' | 'killed' }
  | { readonly kind: 'failed'; readonly error: OrderlabError };

export class WebSocketConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #lanes: readonly Lane[];
  readonly #queue: Delivery[] = [];
  readonly #receivers: Receiver[] = [];
  /** Base64 of what was pushed and neither acknowledged nor given back, by printed id: the broker knows it by that. */
  readonly #held = new Map<string, string>();
  #life: Life = { kind: 'open' };

  private constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#lanes = options.partitions.map(({ partition }) => ({ partition, link: null, takenCount: 0 }));
  }

  /** Joins every partition, in order, or none of them. */
  static async open(options: ConsumerOptions): Promise<WebSocketConsumer> {
    const consumer = new WebSocketConsumer(options);
    try {
      for (const [index, lane] of consumer.#lanes.entries()) {
        lane.link = await consumer.#openLink(lane, options.partitions[index]?.url ?? '');
        consumer.#announceAll(lane);
      }
    } catch (thrown) {
      await consumer.close();
      throw thrown;
    }
    return consumer;
  }

  receive(): Promise<Delivery | null> {
    if (this.#life.kind === 'killed') return never();
    if (this.#life.kind === 'closed') return Promise.resolve(null);
    if (this.#life.kind === 'failed') return Promise.reject(this.#life.error);
    const delivery = this.#queue.shift();
    if (delivery !== undefined) {
      this.#countTaken(delivery.partition);
      return Promise.resolve(delivery);
    }
    return new Promise((resolve, reject) => {
      this.#receivers.push({ resolve, reject });
      if (this.#queueSize === 0) for (const lane of this.#lanes) announce(lane, 1);
    });
  }

  async ack(messageId: string): Promise<void> {
    await this.#tell(messageId, ackFrame);
    this.#held.delete(messageId);
  }

  nack(messageId: string): Promise<void> {
    return this.#tell(messageId, nackFrame);
  }

  async close(): Promise<void> {
    if (this.#life.kind === 'killed') return never();
    if (this.#life.kind === 'closed') return;
    this.#life = { kind: 'closed' };
    await Promise.all(this.#lanes.map(async ({ link }) => link?.close()));
    this.#held.clear();
    this.#queue.length = 0;
    for (const { resolve } of this.#receivers.splice(0)) resolve(null);
  }

  sever(): void {
    this.#life = { kind: 'killed' };
    this.#receivers.length = 0;
    for (const { link } of this.#lanes) link?.sever();
  }

  /** Severed: closing it would never end. */
  get isKilled(): boolean {
    return this.#life.kind === 'killed';
  }

  get #queueSize(): number {
    return this.#options.subscribe.receiverQueueSize;
  }

  #openLink(lane: Lane, baseUrl: string): Promise<Link> {
    const { topic, subscription, consumerName } = this.#options.subscribe;
    const place = lane.partition === -1 ? topic : `${topic}, partition ${lane.partition}`;
    return Link.open({
      ...this.#options,
      url: `${baseUrl}?${this.#query().toString()}`,
      what: `consumer ${consumerName} of subscription ${subscription} on ${place}`,
      onText: (text) => this.#arrive(lane, text),
      onOpen: () => this.#announceAll(lane),
      onLost: () => this.#drop(lane),
      onGivenUp: (error) => this.#fail(error),
    });
  }

  /** Half of the queue waits in the broker's own client, half here: together they never hold more than was asked for. */
  #query(): URLSearchParams {
    const { type, consumerName, priorityLevel = 0, ackTimeoutMs = 0, deadLetter } = this.#options.subscribe;
    return new URLSearchParams({
      subscriptionType: PULSAR_SPELLING[type],
      consumerName,
      pullMode: 'true',
      receiverQueueSize: String(Math.floor(this.#queueSize / 2)),
      negativeAckRedeliveryDelay: String(this.#options.negativeAckDelayMs),
      ...(priorityLevel === 0 ? {} : { priorityLevel: String(priorityLevel) }),
      ...(ackTimeoutMs === 0 ? {} : { ackTimeoutMillis: String(ackTimeoutMs) }),
      ...(deadLetter
        ? { maxRedeliverCount: String(deadLetter.maxRedeliverCount), deadLetterTopic: deadLetter.topic }
        : {}),
    });
  }

  get #windowSize(): number {
    return this.#queueSize - Math.floor(this.#queueSize / 2);
  }

  /** A new socket knows of no permit. */
  #announceAll(lane: Lane): void {
    lane.takenCount = 0;
    announce(lane, this.#queueSize === 0 ? this.#receivers.length : this.#windowSize);
  }

  #arrive(lane: Lane, text: string): void {
    const { messageId: base64, payload, properties, key, redeliveryCount } = readPush(text);
    const id = decodeMessageId(base64);
    if (id === null) throw new Error(`a message without an id: ${base64}`);
    invariant(id.partition === lane.partition, 'a socket of one partition carries no other');
    const messageId = printMessageId(id);
    const { partition } = lane;
    this.#held.set(messageId, base64);
    const { topic } = this.#options.subscribe;
    const bytes = Buffer.from(payload, 'base64');
    const delivery = { messageId, topic, partition, key, payload: bytes, properties, redeliveryCount };
    const receiver = this.#receivers.shift();
    if (receiver === undefined) {
      this.#queue.push(delivery);
      return;
    }
    this.#countTaken(partition);
    receiver.resolve(delivery);
  }

  /** Room is announced when half of the window was taken, all of it at once. */
  #countTaken(partition: number): void {
    const lane = this.#laneOf(partition);
    if (this.#queueSize === 0 || lane === undefined) return;
    lane.takenCount += 1;
    if (lane.takenCount < Math.floor(this.#windowSize / 2)) return;
    announce(lane, lane.takenCount);
    lane.takenCount = 0;
  }

  #laneOf(partition: number): Lane | undefined {
    return this.#lanes[Math.max(partition, 0)];
  }

  /** What waits here comes again through the next socket, so it is dropped: it would be handed over twice, and early. */
  #drop(lane: Lane): void {
    const kept = this.#queue.filter(({ partition }) => partition !== lane.partition);
    this.#queue.splice(0, this.#queue.length, ...kept);
  }

  #fail(error: OrderlabError): void {
    if (this.#life.kind !== 'open') return;
    this.#life = { kind: 'failed', error };
    for (const { link } of this.#lanes) link?.sever();
    for (const { reject } of this.#receivers.splice(0)) reject(error);
  }

  async #tell(messageId: string, frameOf: (base64: string) => string): Promise<void> {
    if (this.#life.kind === 'killed') return never();
    if (this.#life.kind === 'failed') throw this.#life.error;
    const { consumerName } = this.#options.subscribe;
    if (this.#life.kind === 'closed') throw new OrderlabError('PORT_CLOSED', { what: `consumer ${consumerName}` });
    const id = parseMessageId(messageId);
    const lane = id === null ? undefined : this.#laneOf(id.partition);
    if (id === null || lane?.partition !== id.partition) {
      throw new OrderlabError('USAGE', {
        problem: `consumer ${consumerName} gets no message with the id ${messageId}`,
      });
    }
    if (lane.link !== null) await sendForSure(lane.link, frameOf(this.#held.get(messageId) ?? encodeMessageId(id)));
  }
}

/** Said twice is said once, so a text that was lost with its connection is said again over the next. */
async function sendForSure(link: Link, text: string): Promise<void> {
  for (;;) {
    try {
      return await link.send(text);
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError && thrown.code === 'CONNECTION_LOST')) throw thrown;
    }
  }
}

/** A permit that is lost with its socket is given again when the next one stands. */
function announce({ link }: Lane, count: number): void {
  if (count > 0 && link?.isOpen === true) link.send(permitFrame(count)).catch(() => {});
}

/** A killed process answers nothing. */
function never(): Promise<never> {
  return new Promise(() => {});
}
