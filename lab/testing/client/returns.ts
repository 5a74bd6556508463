/** Returns: when a message that was handed over goes back to the broker, by negative acknowledgement or time-out. */

export interface ReturnsOptions {
  /** Milliseconds from a negative acknowledgement to the request. */
  readonly negativeAckDelayMs: number;
  /** Milliseconds that a message may stay unacknowledged; null: for ever. */
  readonly ackTimeoutMs: number | null;
  give(id: string): void;
}

export class Returns {
  readonly #options: ReturnsOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: ReturnsOptions) {
    this.#options = options;
  }

  handedOver(id: string): void {
    const { ackTimeoutMs } = this.#options;
    if (ackTimeoutMs !== null) this.#set(id, ackTimeoutMs);
  }

  /** A negative acknowledgement replaces the time-out. */
  later(id: string): void {
    this.#set(id, this.#options.negativeAckDelayMs);
  }

  /** Acknowledged, or given back already. */
  forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  forgetAll(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id);
  }

  #set(id: string, delayMs: number): void {
    this.forget(id);
    const timer = setTimeout(() => {
      this.#timers.delete(id);
      this.#options.give(id);
    }, delayMs);
    timer.unref();
    this.#timers.set(id, timer);
  }
}
