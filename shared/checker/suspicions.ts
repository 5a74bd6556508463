/**
 * Suspicions: what is an anomaly only if a consumer was alive at the time.
 *
 * A broker notices a death before the supervisor has written it down. So a message may come again, rightly, a moment
 * before its cause is on record:
 *
 *   1. c1 holds event 7 and is killed.   2. c2 receives event 7.   3. The crash of c1 is recorded.
 *
 * Whoever did anything after step 2 was alive and is accused; whoever only died or left is not.
 */
import type { ConsumerLedger } from './consumer-ledger';
import type { Occurrence } from './law';

interface Suspicion {
  readonly order: number;
  readonly accused: Occurrence;
}

export class Suspicions {
  readonly #byConsumer = new Map<ConsumerLedger, Suspicion[]>();

  add(consumer: ConsumerLedger, order: number, accused: Occurrence): void {
    const suspicions = this.#byConsumer.get(consumer);
    if (suspicions === undefined) this.#byConsumer.set(consumer, [{ order, accused }]);
    else suspicions.push({ order, accused });
  }

  /** The consumer did something: what it is suspected of at least `orderError` earlier holds. */
  confirm(consumer: ConsumerLedger, order: number, orderError: number): readonly Occurrence[] {
    const suspicions = this.#byConsumer.get(consumer);
    if (suspicions === undefined) return [];
    const open = suspicions.filter((suspicion) => order - suspicion.order < orderError);
    if (open.length === suspicions.length) return [];
    if (open.length === 0) this.#byConsumer.delete(consumer);
    else this.#byConsumer.set(consumer, open);
    return suspicions.filter((suspicion) => !open.includes(suspicion)).map(({ accused }) => accused);
  }

  /** The consumer died or left without a further act: the suspicions against it, dropped. */
  drop(consumer: ConsumerLedger): readonly Occurrence[] {
    const suspicions = this.#byConsumer.get(consumer) ?? [];
    this.#byConsumer.delete(consumer);
    return suspicions.map(({ accused }) => accused);
  }

  /** Everything still open: nobody died, so it holds, as far as the clocks are exact. */
  *rest(orderError: number): Generator<Occurrence> {
    for (const suspicions of this.#byConsumer.values())
      for (const { accused } of suspicions) yield { ...accused, isDefinite: accused.isDefinite && orderError === 0 };
  }
}
