/**
 * Producer over the native client: bounded in flight, since the client's own way to bound freezes the event loop.
 *
 * After a failed send nothing is accepted until everything under way has settled and its senders have heard of it. The
 * counterexample is a producer that goes on: event 1 fails, event 2 of the same user is stored, event 1 is sent again
 * and stands behind event 2 for ever. A time-out fails all that is under way at once, in the client itself.
 */
import { OrderlabError } from '../errors';
import type { OutgoingMessage } from '../model/message';
import type { Producer } from '../ports';
import { settledInTime } from './pulsar-native-close';
import { outcomeError } from './pulsar-native-error';
import type { NativeMessageId, NativeOutgoingMessage, NativeProducer } from './pulsar-native-library';
import { nativeMessageOf, printNativeId } from './pulsar-native-message';
import { SENDS_IN_FLIGHT_MAX, SENDS_WAITING_MAX } from './pulsar-send-limits';

export interface NativeProducerOptions {
  readonly what: string;
  readonly url: string;
  readonly topic: string;
  /** From the hand-over to the client to its time-out; then nobody knows whether it is stored. */
  readonly sendDeadlineMs: number;
}

interface PendingSend {
  readonly message: NativeOutgoingMessage;
  readonly resolve: (messageId: string) => void;
  readonly reject: (error: OrderlabError) => void;
}

export class PulsarNativeProducer implements Producer {
  readonly #native: NativeProducer;
  readonly #options: NativeProducerOptions;
  readonly #waiting: PendingSend[] = [];
  #inFlightCount = 0;
  #isOpen = true;
  #becameIdle: () => void = () => {};
  /** Non-null from a failure until all that was under way has settled. */
  #refusal: OrderlabError | null = null;

  constructor(native: NativeProducer, options: NativeProducerOptions) {
    this.#native = native;
    this.#options = options;
  }

  send(message: OutgoingMessage): Promise<string> {
    const refusal = this.#isOpen ? this.#refusal : new OrderlabError('PORT_CLOSED', { what: this.#options.what });
    if (refusal !== null) return Promise.reject(refusal);
    if (this.#waiting.length >= SENDS_WAITING_MAX) {
      const details = { what: this.#options.what, limit: 'SENDS_WAITING_MAX', value: SENDS_WAITING_MAX };
      return Promise.reject(new OrderlabError('LIMIT_REACHED', details));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message: nativeMessageOf(message), resolve, reject });
      this.#pump();
    });
  }

  /** What is under way ends with an unknown outcome: wait for your sends first. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#rejectWaiting('closed by this side');
    await settledInTime(this.#native.close().then(() => this.#idle()));
  }

  /** What was under way has been answered: a client that is closed before forgets to. */
  async #idle(): Promise<void> {
    if (this.#inFlightCount === 0) return;
    await new Promise<void>((resolve) => {
      this.#becameIdle = resolve;
    });
  }

  #pump(): void {
    while (this.#inFlightCount < SENDS_IN_FLIGHT_MAX && this.#refusal === null) {
      const send = this.#waiting.shift();
      if (send === undefined) return;
      this.#inFlightCount += 1;
      void this.#deliver(send);
    }
  }

  async #deliver({ message, resolve, reject }: PendingSend): Promise<void> {
    const sinceMs = performance.now();
    let id: NativeMessageId;
    try {
      id = await this.#native.send(message);
    } catch (thrown) {
      const { sendDeadlineMs: deadlineMs, ...request } = this.#options;
      const error = outcomeError(thrown, { ...request, sinceMs, deadlineMs });
      reject(error);
      this.#refuse(error);
      this.#settled();
      return;
    }
    resolve(printNativeId(id));
    this.#settled();
  }

  /** Who was fenced once will never write again. */
  #refuse(because: OrderlabError): void {
    const { what, url } = this.#options;
    if (because.code === 'PRODUCER_FENCED') this.#refusal = because;
    this.#refusal ??= new OrderlabError('BROKER_UNREACHABLE', { what, url, cause: because.message }, because);
    this.#rejectWaiting(because.message);
  }

  /** Certainly not stored, and not to be stored before what failed. */
  #rejectWaiting(cause: string): void {
    const { what, url } = this.#options;
    for (const send of this.#waiting.splice(0)) {
      send.reject(new OrderlabError('BROKER_UNREACHABLE', { what, url, cause }));
    }
  }

  /** The next turn of the event loop comes after all continuations of those who wait. */
  #settled(): void {
    this.#inFlightCount -= 1;
    if (this.#inFlightCount === 0) this.#becameIdle();
    if (this.#refusal === null) this.#pump();
    else if (this.#inFlightCount === 0) setImmediate(() => this.#accept());
  }

  #accept(): void {
    if (this.#inFlightCount === 0 && this.#refusal?.code !== 'PRODUCER_FENCED') this.#refusal = null;
  }
}
