/** Waits: one call that asks for messages, until it has as many as it wants, its time is over, or it fails. */
import { nativeError } from './failure';
import type { Message } from './message';

export class Wait {
  /** What is being attempted, for errors. */
  readonly attempt: string;
  /** Fewer than wanted when the time was over. */
  readonly messages: Promise<Message[]>;
  readonly #countMax: number;
  readonly #timeoutMs: number | null;
  readonly #got: Message[] = [];
  #timer: NodeJS.Timeout | null = null;
  #resolve: (messages: Message[]) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #leave: () => void = () => {};

  /** `timeoutMs` null: no end. */
  constructor(attempt: string, countMax: number, timeoutMs: number | null) {
    this.attempt = attempt;
    this.#countMax = countMax;
    this.#timeoutMs = timeoutMs;
    this.messages = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** `leave` takes it out of the queue; called once, at its end. */
  begin(leave: () => void): void {
    this.#leave = leave;
    if (this.#timeoutMs !== null) this.#timer = setTimeout(() => this.#finish(), this.#timeoutMs);
  }

  add(message: Message): void {
    this.#got.push(message);
    if (this.#got.length >= this.#countMax) this.#finish();
  }

  fail(result: string): void {
    this.#end();
    this.#reject(nativeError(this.attempt, result));
  }

  #finish(): void {
    this.#end();
    this.#resolve(this.#got);
  }

  #end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#leave();
    this.#leave = () => {};
  }
}
