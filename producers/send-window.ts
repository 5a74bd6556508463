/** Bounded work in flight. Asking for room and taking it are two calls; taking what is not there is a bug. */
import { invariant } from '../shared/model/invariant';

interface Waiter {
  readonly takenMax: number;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Room for `sizeMax` sends at a time. One caller waits at a time. */
export class SendWindow {
  readonly #sizeMax: number;
  #taken = 0;
  #waiter: Waiter | null = null;
  #failure: { readonly thrown: unknown } | null = null;

  constructor(sizeMax: number) {
    invariant(Number.isInteger(sizeMax) && sizeMax >= 1, 'a send window has room for at least one send');
    this.#sizeMax = sizeMax;
  }

  take(): void {
    invariant(this.#taken < this.#sizeMax, 'a send takes room that the window has');
    this.#taken += 1;
  }

  release(): void {
    invariant(this.#taken > 0, 'only taken room is released');
    this.#taken -= 1;
    if (this.#waiter !== null && this.#taken <= this.#waiter.takenMax) this.#wake().resolve();
  }

  /** Whoever waits, now or later, gets `thrown`: what holds room will never release it. */
  fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    if (this.#waiter !== null) this.#wake().reject(thrown);
  }

  /** False when it is full, and when waiting would tell of a failure. */
  get hasRoom(): boolean {
    return this.#failure === null && this.#taken < this.#sizeMax;
  }

  whenRoom(): Promise<void> {
    return this.#whenTakenAtMost(this.#sizeMax - 1);
  }

  whenEmpty(): Promise<void> {
    return this.#whenTakenAtMost(0);
  }

  async #whenTakenAtMost(takenMax: number): Promise<void> {
    invariant(this.#waiter === null, 'one caller waits for the window at a time');
    if (this.#failure !== null) throw this.#failure.thrown;
    if (this.#taken <= takenMax) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiter = { takenMax, resolve, reject };
    });
  }

  #wake(): Waiter {
    const waiter = this.#waiter;
    invariant(waiter !== null, 'only a waiting caller is woken');
    this.#waiter = null;
    return waiter;
  }
}
