/** Consumer of the embedded broker: the client's machine with a promise for each receive call. */
import { type ErrorCode, OrderlabError } from '../errors';
import { invariant, unreachable } from '../model/invariant';
import type { Delivery } from '../model/message';
import type { Consumer } from '../ports';
import type { BrokerAction, LogName } from '../simulator/broker-action';
import type { BrokerRequest } from '../simulator/broker-input';
import { type ClientInput, stepClient } from '../simulator/client-consumer';
import { type ClientAction, type ClientSettings, type ClientState, createClient } from '../simulator/client-state';
import type { StartPosition } from '../simulator/start-position';

/** Where a consumer goes on: with the earliest message, behind the latest, or behind the message of that id. */
export type SeekTarget = 'earliest' | 'latest' | { readonly after: string };

/** What Pulsar's own clients offer beyond the port. */
export interface EmbeddedConsumer extends Consumer {
  /**
   * Acknowledges everything up to the message. Exclusive and Failover only: elsewhere USAGE, as Pulsar's clients refuse
   * it (pulsar-semantics 4.1).
   */
  ackCumulative(messageId: string): Promise<void>;
  /**
   * Sets the subscription's cursor anew and disconnects all of its consumers, which come back by themselves. What was
   * acknowledged behind the new place is forgotten.
   */
  seek(to: SeekTarget): Promise<void>;
  /** Gives back everything that is not acknowledged, at once. On Shared and Key_Shared that raises redelivery counts. */
  redeliverUnacknowledged(): Promise<void>;
  /** Ends the subscription with its last consumer, which is closed by it. Errors: IN_USE while others are connected. */
  unsubscribe(): Promise<void>;
}

/** What a consumer needs of the broker that it is connected to. */
export interface BrokerLink {
  nowMs(): number;
  /** Errors: those of the table that the broker refuses with. */
  request(request: BrokerRequest): BrokerAction | undefined;
  /** Calls `wake` at that time or later, unless the broker was closed. */
  wakeAt(atMs: number, wake: () => void): Promise<void>;
  /** The consumer is gone for good. */
  disconnect(consumerId: number): void;
  /** From the loss of a connection to the next attempt. */
  readonly reconnectDelayMs: number;
}

export type SubscribeRequest = Extract<BrokerRequest, { kind: 'subscribe' }>;

/** A consumer's life: killed is not closed, since a killed one answers nothing at all. */
type Life = 'open' | 'closed' | 'killed';

export class ConsumerShell implements EmbeddedConsumer {
  readonly #link: BrokerLink;
  readonly #subscribe: SubscribeRequest;
  readonly #client: ClientState;
  /** Requests that must be made again before the consumer can subscribe again. */
  readonly #prepare: () => readonly BrokerRequest[];
  readonly #receivers: ((delivery: Delivery | null) => void)[] = [];
  readonly #wakesAtMs = new Set<number>();
  #life: Life = 'open';

  /** Subscribes. Errors: those of the broker. */
  constructor(
    link: BrokerLink,
    subscribe: SubscribeRequest,
    settings: ClientSettings,
    prepare: () => readonly BrokerRequest[] = () => [],
  ) {
    this.#link = link;
    this.#subscribe = subscribe;
    this.#prepare = prepare;
    for (const request of prepare()) link.request(request);
    const answer = link.request(subscribe);
    invariant(answer?.kind === 'subscribed', 'a consumer that is not refused is subscribed');
    this.#client = createClient(settings, answer.logs, link.nowMs());
  }

  get id(): number {
    return this.#subscribe.consumerId;
  }

  /** Asks for messages: to be called once the broker knows where to send them. */
  open(): void {
    this.#feed({ kind: 'open' });
  }

  receive(): Promise<Delivery | null> {
    if (this.#life === 'killed') return never();
    if (this.#life === 'closed') return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#receivers.push(resolve);
      this.#feed({ kind: 'receive', nowMs: this.#link.nowMs() });
    });
  }

  ack(messageId: string): Promise<void> {
    return this.#tell(messageId, (at) => ({ kind: 'ack', ...at }));
  }

  ackCumulative(messageId: string): Promise<void> {
    const { type } = this.#subscribe;
    if (type === 'exclusive' || type === 'failover') {
      return this.#tell(messageId, (at) => ({ kind: 'ack-cumulative', ...at }));
    }
    return Promise.reject(
      new OrderlabError('USAGE', { problem: `a ${type} subscription has no cumulative acknowledgements: ack each` }),
    );
  }

  nack(messageId: string): Promise<void> {
    return this.#tell(messageId, (at) => ({ kind: 'nack', ...at, nowMs: this.#link.nowMs() }));
  }

  async redeliverUnacknowledged(): Promise<void> {
    if (this.#life === 'killed') return never();
    this.#requireOpen();
    this.#feed({ kind: 'redeliver-all' });
  }

  async seek(to: SeekTarget): Promise<void> {
    if (this.#life === 'killed') return never();
    this.#requireOpen();
    const { topic, subscription } = this.#subscribe;
    this.#link.request({ kind: 'seek', topic, subscription, to: this.startOf(to) });
  }

  async unsubscribe(): Promise<void> {
    if (this.#life === 'killed') return never();
    this.#requireOpen();
    this.#link.request({ kind: 'unsubscribe', consumerId: this.id });
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#life === 'killed') return never();
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    this.#link.disconnect(this.id);
    for (const resolve of this.#receivers.splice(0)) resolve(null);
  }

  sever(): void {
    this.#life = 'killed';
    this.#receivers.length = 0;
    this.#link.disconnect(this.id);
  }

  /** One entry, with its messages. */
  arrive(...deliveries: readonly Delivery[]): void {
    const [first, ...others] = deliveries;
    if (this.#life !== 'open' || first === undefined) return;
    this.#feed({ kind: 'arrived', deliveries: [first, ...others], nowMs: this.#link.nowMs() });
  }

  /** The connection is gone. A little later there is another one. */
  lose(): void {
    if (this.#life !== 'open') return;
    this.#feed({ kind: 'disconnected' });
    this.#reconnectLater();
  }

  /** Errors: USAGE for an id that is none of this consumer's topic. */
  startOf(to: SeekTarget): StartPosition {
    return startPositionOf(to, this.#client.receivers, `consumer ${this.#subscribe.consumerName}`);
  }

  #reconnectLater(): void {
    void this.#link.wakeAt(this.#link.nowMs() + this.#link.reconnectDelayMs, () => this.#reconnect());
  }

  /**
   * Somebody else may have become the exclusive consumer meanwhile, or the topic is gone: Pulsar's clients try again until
   * they succeed.
   */
  #reconnect(): void {
    if (this.#life !== 'open') return;
    try {
      for (const request of this.#prepare()) this.#link.request(request);
      this.#link.request(this.#subscribe);
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError && MAY_END.has(thrown.code))) throw thrown;
      this.#reconnectLater();
      return;
    }
    this.open();
  }

  #feed(input: ClientInput): void {
    for (const action of stepClient(this.#client, input)) this.#perform(action);
  }

  async #tell(messageId: string, inputOf: (at: LogPlace) => ClientInput): Promise<void> {
    if (this.#life === 'killed') return never();
    this.#requireOpen();
    const { partition, position, batchIndex } = this.#addressOf(messageId);
    this.#feed(inputOf({ partition, position, batchIndex }));
  }

  #requireOpen(): void {
    const { consumerName } = this.#subscribe;
    if (this.#life === 'closed') throw new OrderlabError('PORT_CLOSED', { what: `consumer ${consumerName}` });
  }

  #addressOf(messageId: string): LogAddress {
    return addressIn(this.#client.receivers, messageId, `consumer ${this.#subscribe.consumerName}`);
  }

  #perform(action: ClientAction): void {
    switch (action.kind) {
      case 'hand-over':
        this.#handOver(action.delivery);
        return;
      case 'send':
        this.#link.request(action.request);
        return;
      case 'wake-at':
        this.#wakeAt(action.atMs);
        return;
      default:
        unreachable(action, 'client action');
    }
  }

  #handOver(delivery: Delivery): void {
    const resolve = this.#receivers.shift();
    invariant(resolve !== undefined, 'a message is handed over to a receive that waits');
    resolve(delivery);
  }

  /** One timer per moment, however many messages are due then. */
  #wakeAt(atMs: number): void {
    if (this.#wakesAtMs.has(atMs)) return;
    this.#wakesAtMs.add(atMs);
    void this.#link.wakeAt(atMs, () => {
      this.#wakesAtMs.delete(atMs);
      if (this.#life === 'open') this.#feed({ kind: 'tick', nowMs: this.#link.nowMs() });
    });
  }
}

/** Why a client that was connected once is refused, and tries again. */
const MAY_END: ReadonlySet<ErrorCode> = new Set(['CONSUMER_BUSY', 'TOPIC_NOT_FOUND', 'SUBSCRIPTION_NOT_FOUND']);

interface LogPlace {
  readonly partition: number;
  readonly position: number;
  /** Undefined: no member of a batch. */
  readonly batchIndex: number | undefined;
}

interface LogAddress extends LogPlace {
  readonly ledgerId: number;
}

/** Errors: USAGE for the id of another topic's message. */
export function startPositionOf(to: SeekTarget, logs: readonly LogName[], who: string): StartPosition {
  if (typeof to === 'string') return to;
  const { partition, position } = addressIn(logs, to.after, who);
  return new Map([[partition, position + 1]]);
}

function addressIn(logs: readonly LogName[], messageId: string, who: string): LogAddress {
  const address = addressOf(messageId);
  const log = logs.find(({ partition }) => partition === address?.partition);
  if (address !== null && address.ledgerId === log?.ledgerId) return address;
  throw new OrderlabError('USAGE', { problem: `${who} gets no message with the id ${messageId}` });
}

/** Reads `ledger:entry:partition`, with the index in a batch behind it; null for any other text. */
function addressOf(messageId: string): LogAddress | null {
  const match = /^(\d+):(\d+):(-1|\d+)(?::(\d+))?$/.exec(messageId);
  if (match === null) return null;
  const batchIndex = match[4] === undefined ? undefined : Number(match[4]);
  return { ledgerId: Number(match[1]), position: Number(match[2]), partition: Number(match[3]), batchIndex };
}

/** A killed process answers nothing. */
function never(): Promise<never> {
  return new Promise(() => {});
}
