/**
 * The sends of one user. They are pipelined while all goes well; a failure stops the chain, and what failed goes again,
 * one by one and in order, before anything newer of that user is sent.
 *
 * A pipeline keeps the order as long as a failed send takes the later ones of the user with it, until the failure has
 * been heard: then whatever was in flight is sent again. The counterexample is a world where that does not hold, be it
 * that it fails sends one at a time, or that it takes new ones between a time-out and the news of it:
 *   1. event 1 and event 2 are in flight;
 *   2. event 1 fails and event 2 is stored;
 *   3. event 1 is sent again and stands behind event 2, for ever.
 * Nothing done after step 2 helps. Against such a world a user has one send in flight (`userSendsInFlightMax` 1), at
 * the price of one round trip per event of the user; otherwise the checker reports it as W8.
 */
import { invariant } from '../shared/model/invariant';
import type { Clock } from '../shared/ports';
import type { PendingSend, SendAttempt } from './send-attempt';

/** How a stopped chain goes on. All in milliseconds. */
export interface SendRetry {
  /** Pause before the first retry, above 0; it doubles up to the maximum. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** A chain that stores nothing for this long is abandoned. */
  readonly deadlineMs: number;
}

/** What a chain needs of its runner. */
export interface ChainSurroundings {
  readonly clock: Clock;
  readonly retry: SendRetry;
  readonly userSendsInFlightMax: number;
  readonly attempt: SendAttempt;
  /** Nothing is retried any more once this answers true. */
  readonly isStopping: () => boolean;
  /** Called exactly once for each send, unless the run fails. */
  readonly settle: (send: PendingSend, isStored: boolean) => void;
  /** Called with what must end the run. */
  readonly fail: (thrown: unknown) => void;
}

/** abandoned: a hole that nobody fills. A later event of the user would only wait behind it, so none is sent. */
type ChainState = 'flowing' | 'stopped' | 'abandoned';

/** One user's chain of sends. */
export class UserChain {
  readonly #around: ChainSurroundings;
  #state: ChainState = 'flowing';
  #inFlightCount = 0;
  /** Admitted and not in flight. Bounded, since the runner admits no more than its window has room for. */
  readonly #waiting: PendingSend[] = [];

  constructor(surroundings: ChainSurroundings) {
    this.#around = surroundings;
  }

  /** Sends now, or after what is before it in the chain. */
  add(send: PendingSend): void {
    if (this.#state === 'abandoned') {
      this.#around.settle(send, false);
      return;
    }
    this.#waiting.push(send);
    this.#fill();
  }

  #fill(): void {
    while (this.#state === 'flowing' && this.#inFlightCount < this.#around.userSendsInFlightMax) {
      const send = this.#waiting.shift();
      if (send === undefined) return;
      this.#pipeline(send).catch(this.#around.fail);
    }
  }

  async #pipeline(send: PendingSend): Promise<void> {
    this.#inFlightCount += 1;
    const isStored = await this.#around.attempt(send);
    this.#inFlightCount -= 1;
    if (isStored) {
      this.#around.settle(send, true);
    } else {
      this.#state = 'stopped';
      this.#waiting.push(send);
    }
    if (this.#state === 'stopped' && this.#inFlightCount === 0) await this.#recover();
    this.#fill();
  }

  /** Alone in the chain: nothing is in flight. */
  async #recover(): Promise<void> {
    invariant(this.#inFlightCount === 0, 'a chain recovers when its pipeline is empty');
    this.#waiting.sort((left, right) => left.admission - right.admission);
    const isRecovered = await this.#sendOneByOne();
    this.#state = isRecovered ? 'flowing' : 'abandoned';
    for (const send of this.#waiting.splice(0)) this.#around.settle(send, false);
  }

  /** False: the deadline passed, or a stop, and the head of the chain is still not stored. */
  async #sendOneByOne(): Promise<boolean> {
    const { clock, retry, isStopping, attempt, settle } = this.#around;
    let pauseMs = retry.backoffMsMin;
    let deadlineMs = clock.nowMs() + retry.deadlineMs;
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      if (pauseMs > 0 && (isStopping() || clock.nowMs() + pauseMs > deadlineMs)) return false;
      if (pauseMs > 0) await clock.sleep(pauseMs);
      const isStored = await attempt(head);
      pauseMs = isStored ? 0 : Math.min(Math.max(pauseMs * 2, retry.backoffMsMin), retry.backoffMsMax);
      if (!isStored) continue;
      deadlineMs = clock.nowMs() + retry.deadlineMs;
      this.#waiting.shift();
      settle(head, true);
    }
    return true;
  }
}
