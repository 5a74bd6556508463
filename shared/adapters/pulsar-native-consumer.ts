/**
 * Consumer over the native client: one native consumer per partition, each addressed by the partition's own name. To
 * Pulsar that is a plain topic, where anybody's acknowledgement counts and the queue is counted per partition; the
 * client's own consumer of many partitions refuses acknowledgements of messages that it did not hand out.
 *
 * Messages are fetched when somebody waits for one, never through a listener: a listener that does not settle stops its
 * consumer without a word. Measured on two busy cores, in microseconds of processor time for one message and its
 * acknowledgement: batchReceive 34, receive 42, 64 parallel receives 46, listener 50 to 67. A batch waits for its
 * time-out when too little is there, so it is asked for only while messages keep coming; an idle consumer waits in receive.
 */
import { OrderlabError } from '../errors';
import { invariant } from '../model/invariant';
import type { Delivery } from '../model/message';
import type { Consumer } from '../ports';
import { parseMessageId, printMessageId } from './pulsar-message-id';
import { settledInTime } from './pulsar-native-close';
import { type NativeRequest, openingError, outcomeError } from './pulsar-native-error';
import type { NativeConsumer, NativeLibrary, NativeMessage, NativeMessageId } from './pulsar-native-library';
import { contentOf, nativeIdOf, readNativeId } from './pulsar-native-message';

/** Below this queue a batch would hold too much of it. */
const BATCHED_QUEUE_SIZE_MIN = 16;
const BATCH_SIZE_MAX = 200;
/** How long a batch waits to be filled. */
export const BATCH_TIMEOUT_MS = 1;
/** How often a waiting consumer looks whether it is still connected. */
const WATCH_INTERVAL_MS = 1_000;

/** How a queue is divided: what waits in the client, and what was fetched from it and not handed over. */
export interface QueueShares {
  readonly clientCount: number;
  readonly aheadCount: number;
}

/**
 * Together they are what was asked for. A queue on one partition that is too small for batches is the client's alone: a
 * message is fetched for who waits. On several partitions all are asked on behalf of one who waits.
 */
export function queueSharesOf(receiverQueueSize: number, partitionCount: number): QueueShares {
  const unbatchedCount = partitionCount > 1 ? 1 : 0;
  const batchedCount = Math.min(Math.floor(receiverQueueSize / 2), BATCH_SIZE_MAX);
  const aheadCount = receiverQueueSize < BATCHED_QUEUE_SIZE_MIN ? unbatchedCount : batchedCount;
  return { clientCount: receiverQueueSize - aheadCount, aheadCount };
}

export interface NativeLane {
  /** -1: a plain topic. */
  readonly partition: number;
  readonly native: NativeConsumer;
}

export interface NativeConsumerOptions {
  readonly library: NativeLibrary;
  readonly consumerName: string;
  readonly request: Omit<NativeRequest, 'sinceMs'>;
  readonly lanes: readonly NativeLane[];
  /** Of each lane: above 1 the native consumer has a batch policy of this size. */
  readonly aheadCount: number;
  /** From the loss of a connection to giving up on it, milliseconds. */
  readonly reconnectDeadlineMs: number;
  /** Told of a connection that was seen lost and stands again; the client does not tell of losses, so short ones are not seen. */
  readonly onReconnect?: () => void;
}

interface Lane extends NativeLane {
  readonly ahead: NativeMessage[];
  /** The request under way, which never rejects; null: none. */
  fetching: Promise<void> | null;
  /** Messages came at the last look, so more are likely. */
  isBusy: boolean;
}

/** Where a message is acknowledged, and under which id. */
interface Place {
  readonly lane: Lane;
  readonly id: NativeMessageId;
}

interface Receiver {
  readonly resolve: (delivery: Delivery | null) => void;
  readonly reject: (error: unknown) => void;
}

/** killed is not closed: a killed consumer answers nothing at all. */
type Life = { readonly kind: 'open' | 'closed' | 'killed' } | { readonly kind: 'failed'; readonly error: unknown };

export class PulsarNativeConsumer implements Consumer {
  readonly #options: NativeConsumerOptions;
  readonly #lanes: readonly Lane[];
  readonly #receivers: Receiver[] = [];
  /** What was handed over and not acknowledged, by printed id, with the client's own id: making one takes a message's time. */
  readonly #held = new Map<string, Place>();
  readonly #watch: NodeJS.Timeout;
  /** At the last look. */
  #wasConnected = true;
  #life: Life = { kind: 'open' };
  /** The lane that is looked at first, so that none is starved. */
  #turn = 0;
  #connectedAtMs = performance.now();
  #leaving: Promise<void> | null = null;

  constructor(options: NativeConsumerOptions) {
    this.#options = options;
    this.#lanes = options.lanes.map((lane) => ({ ...lane, ahead: [], fetching: null, isBusy: false }));
    this.#watch = setInterval(() => this.#checkConnection(), WATCH_INTERVAL_MS);
    this.#watch.unref();
  }

  receive(): Promise<Delivery | null> {
    if (this.#life.kind === 'killed') return never();
    if (this.#life.kind === 'closed') return Promise.resolve(null);
    if (this.#life.kind === 'failed') return Promise.reject(this.#life.error);
    return new Promise((resolve, reject) => {
      this.#receivers.push({ resolve, reject });
      this.#serve();
    });
  }

  async ack(messageId: string): Promise<void> {
    if (this.#life.kind === 'killed') return never();
    const { lane, id } = this.#placeOf(messageId);
    const sinceMs = performance.now();
    try {
      await lane.native.acknowledgeId(id);
    } catch (thrown) {
      if (this.#isKilled) return never();
      throw outcomeError(thrown, { ...this.#options.request, sinceMs });
    }
    if (this.#isKilled) return never();
    this.#held.delete(messageId);
  }

  async nack(messageId: string): Promise<void> {
    if (this.#life.kind === 'killed') return never();
    const { lane, id } = this.#placeOf(messageId);
    lane.native.negativeAcknowledgeId(id);
  }

  async close(): Promise<void> {
    if (this.#life.kind === 'killed') return never();
    if (this.#life.kind === 'closed') return;
    this.#life = { kind: 'closed' };
    await this.left();
    this.#held.clear();
    for (const { resolve } of this.#receivers.splice(0)) resolve(null);
  }

  /** Resolves when the broker has been told. */
  async sever(): Promise<void> {
    if (this.#life.kind === 'closed' || this.#life.kind === 'killed') return;
    this.#life = { kind: 'killed' };
    this.#receivers.length = 0;
    await this.left();
  }

  /**
   * Resolves when it has left the broker and everything that it asked of the client is answered; the first call makes it
   * leave. A client that cannot reach the broker, or does not answer, is given up on after CLOSE_DEADLINE_MS.
   */
  left(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** Severed: closing it would never end. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  get #isKilled(): boolean {
    return this.#life.kind === 'killed';
  }

  /**
   * A receive that waits is answered by a thread of the client some time after the close, and a client that is closed
   * before forgets it: that promise never settles, and holds the process for ever (11 of 85 closes beside two busy loops).
   */
  async #leave(): Promise<void> {
    clearInterval(this.#watch);
    const lanes = this.#lanes.map(async ({ native, fetching }) => {
      await native.close().catch(() => {});
      await fetching;
    });
    await settledInTime(Promise.all(lanes));
  }

  #serve(): void {
    while (this.#receivers.length > 0) {
      const lane = this.#fullLane();
      const message = lane?.ahead.shift();
      if (lane === null || message === undefined) break;
      this.#handOver(lane, message);
    }
    if (this.#receivers.length === 0) return;
    for (const lane of this.#lanes) lane.fetching ??= this.#fetch(lane);
  }

  #fullLane(): Lane | null {
    for (let offset = 0; offset < this.#lanes.length; offset += 1) {
      const lane = this.#lanes[(this.#turn + offset) % this.#lanes.length];
      if (lane === undefined || lane.ahead.length === 0) continue;
      this.#turn = (this.#turn + offset + 1) % this.#lanes.length;
      return lane;
    }
    return null;
  }

  /** One request at a time: two would be answered in an order that nobody promises. */
  async #fetch(lane: Lane): Promise<void> {
    let messages: readonly NativeMessage[] = [];
    try {
      const isBatched = lane.isBusy && this.#options.aheadCount > 1;
      messages = isBatched ? await lane.native.batchReceive() : [await lane.native.receive()];
    } catch (thrown) {
      if (this.#life.kind === 'open') this.#fail(openingError(thrown, { ...this.#options.request, sinceMs: 0 }));
    }
    lane.fetching = null;
    lane.isBusy = messages.length > 0;
    if (this.#life.kind !== 'open') return;
    lane.ahead.push(...messages);
    this.#serve();
  }

  #handOver(lane: Lane, message: NativeMessage): void {
    const receiver = this.#receivers.shift();
    invariant(receiver !== undefined, 'a message is handed over to a receive that waits');
    try {
      receiver.resolve(this.#deliveryOf(lane, message));
    } catch (thrown) {
      receiver.reject(thrown);
    }
  }

  #deliveryOf(lane: Lane, message: NativeMessage): Delivery {
    const { partition } = lane;
    const nativeId = message.getMessageId();
    const id = readNativeId(nativeId);
    invariant(id.partition === partition, 'a consumer of one partition gets no other');
    const messageId = printMessageId(id);
    this.#held.set(messageId, { lane, id: nativeId });
    const { topic } = this.#options.request;
    const redeliveryCount = message.getRedeliveryCount();
    return { messageId, topic, partition, ...contentOf(message), redeliveryCount };
  }

  #placeOf(messageId: string): Place {
    const { consumerName, library } = this.#options;
    if (this.#life.kind === 'failed') throw this.#life.error;
    if (this.#life.kind === 'closed') throw new OrderlabError('PORT_CLOSED', { what: `consumer ${consumerName}` });
    const held = this.#held.get(messageId);
    if (held !== undefined) return held;
    const id = parseMessageId(messageId);
    const lane = this.#lanes.find(({ partition }) => partition === id?.partition);
    if (id !== null && lane !== undefined) return { lane, id: nativeIdOf(library, id) };
    const problem = `consumer ${consumerName} gets no message with the id ${messageId}`;
    throw new OrderlabError('USAGE', { problem });
  }

  /** The client connects again by itself, for ever and without a word: somebody has to give up. */
  #checkConnection(): void {
    const nowMs = performance.now();
    const isConnected = this.#lanes.every(({ native }) => native.isConnected());
    if (isConnected) this.#connectedAtMs = nowMs;
    if (isConnected && !this.#wasConnected) this.#options.onReconnect?.();
    this.#wasConnected = isConnected;
    const { reconnectDeadlineMs, request } = this.#options;
    if (nowMs - this.#connectedAtMs < reconnectDeadlineMs) return;
    const thrown = new Error('the connection was lost and did not come back: ConnectError');
    this.#fail(openingError(thrown, { ...request, sinceMs: this.#connectedAtMs }));
  }

  #fail(error: unknown): void {
    if (this.#life.kind !== 'open') return;
    this.#life = { kind: 'failed', error };
    void this.left();
    for (const { reject } of this.#receivers.splice(0)) reject(error);
  }
}

/** A killed process answers nothing. */
function never(): Promise<never> {
  return new Promise(() => {});
}
