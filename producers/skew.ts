/** Skews: how unevenly the events of a synthetic workload fall on its users. */
import { OrderlabError } from '../shared/errors';

/** Above this exponent nearly all events are one user's. */
const ZIPF_EXPONENT_MAX = 10;
/** Bits after the point that an exponent is read to. */
const EXPONENT_FRACTION_BITS = 20;

/**
 * The weight of each user, first user first, for `uniform`, `zipf:S` (the k-th user weighs k^-S, 0 ≤ S ≤ 10) or
 * `hot:P` (the first user gets the share P of all events, 0 < P < 1; the others share the rest evenly).
 * Anything else is a USAGE error.
 */
export function skewWeights(skew: string, userCount: number): readonly number[] {
  if (skew === 'uniform') return weightsOf(userCount, () => 1);
  const [, name, digits] = /^(zipf|hot):(\d*\.?\d+)$/.exec(skew) ?? [];
  const figure = Number(digits);
  if (name === 'zipf' && figure <= ZIPF_EXPONENT_MAX) return weightsOf(userCount, (rank) => 1 / power(rank, figure));
  if (name === 'hot' && figure > 0 && figure < 1) {
    return weightsOf(userCount, (rank) => (rank === 1 ? figure : (1 - figure) / (userCount - 1)));
  }
  throw new OrderlabError('USAGE', {
    problem: `a skew is uniform, zipf:S with S in 0..${ZIPF_EXPONENT_MAX}, or hot:P with P between 0 and 1, got "${skew}"`,
  });
}

function weightsOf(userCount: number, weight: (rank: number) => number): readonly number[] {
  return Array.from({ length: userCount }, (_, index) => weight(index + 1));
}

/**
 * base^exponent from products and square roots, which IEEE 754 rounds exactly. `Math.pow` is approximated differently
 * by different engines, and a seed must mean the same workload under each of them.
 */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let whole = Math.floor(exponent); whole > 0; whole -= 1) result *= base;
  let fraction = exponent % 1;
  let root = base;
  for (let bit = 0; bit < EXPONENT_FRACTION_BITS; bit += 1) {
    root = Math.sqrt(root);
    fraction *= 2;
    if (fraction >= 1) result *= root;
    fraction %= 1;
  }
  return result;
}
