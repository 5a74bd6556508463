/**
 * The sends of one user. They are pipelined while all goes well; a failure stops the chain, and what failed goes again,
 * one by one and in order, before anything newer of that user is sent.
 *
 * Pipelining keeps the order as long as a failed send takes the later ones in flight with it, as a Pulsar producer
 * does: its time-out and its close fail everything that is pending. The counterexample is a world that fails sends one
 * at a time:
 *   1. event 1 and event 2 are in flight;
 *   2. event 1 fails and event 2 is stored;
 *   3. event 1 is sent again and stands behind event 2, for ever.
 * Nothing done after step 2 helps, so against such a world only one send in flight (`sendsInFlightMax` 1) is safe, and
 * the checker reports the rest as W8.
 */
import { unreachable } from '../shared/model/invariant';
import type { Clock } from '../shared/ports';
import type { PendingSend, SendAttempt } from './send-attempt';

/** How a stopped chain goes on. All in milliseconds. */
export interface SendRetry {
  /** Pause before the first retry; it doubles up to the maximum. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** A chain that stores nothing for this long is abandoned. */
  readonly deadlineMs: number;
}

/** What a chain needs of its runner. */
export interface ChainSurroundings {
  readonly clock: Clock;
  readonly retry: SendRetry;
  readonly attempt: SendAttempt;
  /** Nothing is retried any more once this answers true. */
  readonly isStopping: () => boolean;
  /** Called exactly once for each send. */
  readonly settle: (send: PendingSend, isStored: boolean) => void;
}

type ChainState =
  | { readonly kind: 'flowing' }
  /** In order of admission once nothing is in flight. Bounded by the window that admits sends. */
  | { readonly kind: 'stopped'; readonly waiting: PendingSend[] }
  /** A hole that nobody fills: a later event of the user would only wait behind it, so none is sent. */
  | { readonly kind: 'abandoned' };

/** One user's chain of sends. */
export class UserChain {
  readonly #around: ChainSurroundings;
  #state: ChainState = { kind: 'flowing' };
  #inFlightCount = 0;

  constructor(surroundings: ChainSurroundings) {
    this.#around = surroundings;
  }

  /** Sends now, or after what stopped the chain. Rejects only with a failure that must end the run. */
  async add(send: PendingSend): Promise<void> {
    switch (this.#state.kind) {
      case 'flowing':
        return this.#pipeline(send);
      case 'stopped':
        this.#state.waiting.push(send);
        return;
      case 'abandoned':
        return this.#around.settle(send, false);
      default:
        return unreachable(this.#state, 'chain state');
    }
  }

  async #pipeline(send: PendingSend): Promise<void> {
    this.#inFlightCount += 1;
    const isStored = await this.#around.attempt(send);
    this.#inFlightCount -= 1;
    if (isStored) this.#around.settle(send, true);
    else this.#stop(send);
    if (this.#state.kind === 'stopped' && this.#inFlightCount === 0) await this.#recover(this.#state.waiting);
  }

  #stop(send: PendingSend): void {
    if (this.#state.kind === 'stopped') this.#state.waiting.push(send);
    else this.#state = { kind: 'stopped', waiting: [send] };
  }

  async #recover(waiting: PendingSend[]): Promise<void> {
    const { clock, retry } = this.#around;
    waiting.sort((left, right) => left.admission - right.admission);
    let pauseMs = retry.backoffMsMin;
    let deadlineMs = clock.nowMs() + retry.deadlineMs;
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      if (pauseMs > 0 && (this.#around.isStopping() || clock.nowMs() + pauseMs > deadlineMs)) break;
      if (pauseMs > 0) await clock.sleep(pauseMs);
      const isStored = await this.#around.attempt(head);
      pauseMs = isStored ? 0 : Math.min(Math.max(pauseMs * 2, retry.backoffMsMin), retry.backoffMsMax);
      if (!isStored) continue;
      deadlineMs = clock.nowMs() + retry.deadlineMs;
      waiting.shift();
      this.#around.settle(head, true);
    }
    this.#state = waiting.length === 0 ? { kind: 'flowing' } : { kind: 'abandoned' };
    for (const send of waiting) this.#around.settle(send, false);
  }
}
