/** Draws from a fixed distribution in constant time (Walker's alias method, as Vose builds the table). */
import { invariant } from '../shared/model/invariant';
import type { Random } from '../shared/ports';

/** A column is kept when a draw below 2^32 is under its threshold; otherwise its alias is taken. */
const DRAW_BOUND = 2 ** 32;

/** One entry of the table per weight. */
export class AliasTable {
  readonly #thresholds: Float64Array;
  readonly #aliases: Uint32Array;

  /** `weights`: at least one, none negative, one positive; their scale does not matter. */
  constructor(weights: readonly number[]) {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    invariant(sum > 0 && weights.every((weight) => weight >= 0), 'weights are not negative and not all zero');
    const shares = Float64Array.from(weights, (weight) => (weight * weights.length) / sum);
    this.#thresholds = new Float64Array(weights.length).fill(DRAW_BOUND);
    this.#aliases = Uint32Array.from(weights, (_, column) => column);
    this.#pair(shares);
  }

  /** An index into the weights. */
  draw(random: Random): number {
    const column = random.below(this.#aliases.length);
    const isKept = random.below(DRAW_BOUND) < (this.#thresholds[column] ?? DRAW_BOUND);
    return isKept ? column : (this.#aliases[column] ?? column);
  }

  /** Fills each column that has less than its share from one that has more. Rounding leaves some, and they stay whole. */
  #pair(shares: Float64Array): void {
    const small: number[] = [];
    const large: number[] = [];
    const file = (column: number) => ((shares[column] ?? 0) < 1 ? small : large).push(column);
    for (let column = 0; column < shares.length; column += 1) file(column);
    for (let [less, more] = [small.pop(), large.pop()]; less !== undefined && more !== undefined; ) {
      const share = shares[less] ?? 0;
      this.#thresholds[less] = share * DRAW_BOUND;
      this.#aliases[less] = more;
      shares[more] = (shares[more] ?? 0) - (1 - share);
      file(more);
      [less, more] = [small.pop(), large.pop()];
    }
  }
}
