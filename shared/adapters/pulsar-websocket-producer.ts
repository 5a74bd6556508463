/**
 * Producer over Pulsar's WebSocket API: bounded in flight, receipts matched by context, a deadline for each send.
 *
 * A failed send takes everything that is on its way down with it, and the connection too. The counterexample is a
 * producer that fails sends one at a time: event 1 fails, event 2 of the same user is stored, event 1 is sent again and
 * stands behind event 2 for ever. For the same reason nothing is accepted until those who wait have heard of the failure.
 */
import { OrderlabError } from '../errors';
import type { OutgoingMessage } from '../model/message';
import type { Producer } from '../ports';
import { type ReceiptFrame, readReceipt, sendFrame } from './pulsar-frame';
import { decodeMessageId, printMessageId } from './pulsar-message-id';
import { SENDS_IN_FLIGHT_MAX, SENDS_WAITING_MAX } from './pulsar-send-limits';
import type { ConnectionOptions } from './pulsar-websocket-connection';
import { Link, type LinkOptions } from './pulsar-websocket-link';

/** The deadline of the oldest send is looked at this often. */
const DEADLINE_CHECK_MS = 100;

export interface ProducerOptions
  extends Omit<ConnectionOptions, 'onText' | 'onLost'>,
    Pick<LinkOptions, 'reconnectDeadlineMs' | 'onReconnect'> {
  /** From the call to the receipt. Then nobody knows whether it is stored. */
  readonly sendDeadlineMs: number;
}

interface PendingSend {
  readonly context: string;
  readonly frame: string;
  readonly deadlineAtMs: number;
  readonly resolve: (messageId: string) => void;
  readonly reject: (error: OrderlabError) => void;
}

export class WebSocketProducer implements Producer {
  readonly #options: ProducerOptions;
  readonly #waiting: PendingSend[] = [];
  readonly #inFlight = new Map<string, PendingSend>();
  readonly #deadlines: NodeJS.Timeout;
  #link: Link | null = null;
  #sendCount = 0;
  #isOpen = true;
  /** Non-null from a failure to the next turn of the event loop, and for good once the link is given up. */
  #refusal: OrderlabError | null = null;

  private constructor(options: ProducerOptions) {
    this.#options = options;
    this.#deadlines = setInterval(() => this.#checkDeadline(), DEADLINE_CHECK_MS);
    this.#deadlines.unref();
  }

  static async open(options: ProducerOptions): Promise<WebSocketProducer> {
    const producer = new WebSocketProducer(options);
    try {
      producer.#link = await Link.open({
        ...options,
        onText: (text) => producer.#settle(readReceipt(text)),
        onOpen: () => producer.#pump(),
        onLost: (cause) => producer.#failAll(cause, null),
        onGivenUp: (error) => {
          producer.#refusal = error;
          for (const send of producer.#waiting.splice(0)) send.reject(error);
        },
      });
    } catch (thrown) {
      clearInterval(producer.#deadlines);
      throw producerBusy(thrown);
    }
    return producer;
  }

  send(message: OutgoingMessage): Promise<string> {
    const refusal = this.#isOpen ? this.#refusal : new OrderlabError('PORT_CLOSED', { what: this.#options.what });
    if (refusal !== null) return Promise.reject(refusal);
    if (this.#waiting.length >= SENDS_WAITING_MAX) {
      const details = { what: this.#options.what, limit: 'SENDS_WAITING_MAX', value: SENDS_WAITING_MAX };
      return Promise.reject(new OrderlabError('LIMIT_REACHED', details));
    }
    return new Promise((resolve, reject) => {
      const context = String(this.#sendCount);
      this.#sendCount += 1;
      const deadlineAtMs = performance.now() + this.#options.sendDeadlineMs;
      this.#waiting.push({ context, frame: sendFrame({ ...message, context }), deadlineAtMs, resolve, reject });
      this.#pump();
    });
  }

  /** What is under way ends with an unknown outcome: wait for your sends first. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#deadlines);
    const link = this.#link;
    this.#failAll('closed by this side', null);
    await link?.close();
  }

  #pump(): void {
    while (this.#link?.isOpen === true && this.#inFlight.size < SENDS_IN_FLIGHT_MAX) {
      const send = this.#waiting.shift();
      if (send === undefined) return;
      this.#inFlight.set(send.context, send);
      /** A text that the machine refuses is lost with its connection, which is reported there. */
      this.#link.send(send.frame).catch(() => {});
    }
  }

  #settle(receipt: ReceiptFrame): void {
    const send = this.#inFlight.get(receipt.context ?? '');
    if (send === undefined) throw new Error(`a receipt for no send of ours: ${receipt.context}`);
    if (receipt.result !== 'ok') {
      this.#link?.reset(this.#refused(send, receipt));
      return;
    }
    const id = decodeMessageId(receipt.messageId ?? '');
    if (id === null) throw new Error(`a receipt without a message id: ${receipt.messageId}`);
    this.#inFlight.delete(send.context);
    send.resolve(printMessageId(id));
    this.#pump();
  }

  /** A time-out inside the broker fails a send that may be stored all the same; a terminated topic stores nothing. */
  #refused(send: PendingSend, { result, errorMsg = 'no reason given' }: ReceiptFrame): string {
    const { what, url } = this.#options;
    const cause = `${result}: ${errorMsg}`;
    const isDefinite = /TopicTerminated|ProducerQueueIsFull|InvalidMessage/.test(errorMsg);
    this.#inFlight.delete(send.context);
    send.reject(
      isDefinite
        ? new OrderlabError('BROKER_REFUSED', { what, url: new URL(url).origin, cause })
        : new OrderlabError('CONNECTION_LOST', { what, cause }),
    );
    return cause;
  }

  #checkDeadline(): void {
    const oldest: PendingSend | undefined = this.#inFlight.values().next().value ?? this.#waiting[0];
    if (oldest === undefined || oldest.deadlineAtMs > performance.now()) return;
    const details = { what: `${this.#options.what}: send`, deadlineMs: this.#options.sendDeadlineMs };
    const error = new OrderlabError('DEADLINE_EXCEEDED', details);
    this.#failAll('a send before it had no receipt within its deadline', { send: oldest, error });
    this.#link?.reset('a send had no receipt within its deadline');
  }

  /** In flight: unknown. Waiting: certainly not stored, but not to be stored before what failed. */
  #failAll(cause: string, expired: { readonly send: PendingSend; readonly error: OrderlabError } | null): void {
    const { what, url } = this.#options;
    const lost = new OrderlabError('CONNECTION_LOST', { what, cause });
    const unsent = new OrderlabError('BROKER_UNREACHABLE', { what, url: new URL(url).origin, cause });
    for (const send of this.#inFlight.values()) send.reject(send === expired?.send ? expired.error : lost);
    for (const send of this.#waiting) send.reject(unsent);
    this.#inFlight.clear();
    this.#waiting.length = 0;
    this.#refusal ??= unsent;
    setImmediate(() => {
      if (this.#refusal === unsent) this.#refusal = null;
    });
  }
}

/** The handshake is refused with one status, whoever is in the way. */
function producerBusy(thrown: unknown): unknown {
  if (!(thrown instanceof OrderlabError && thrown.code === 'CONSUMER_BUSY')) return thrown;
  return new OrderlabError('PRODUCER_BUSY', { problem: thrown.message }, thrown);
}
