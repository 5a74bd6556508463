/**
 * Binomial bound: how large the share of failures may still be, at 95 %, when so many trials showed so many of them.
 *
 * Exact (Clopper and Pearson 1934, one-sided): the largest share under which so few failures still come about in one of
 * twenty tries. Without a failure it is 1 - 0.05 ^ (1 / trials), which the rule of three approximates.
 */
import { invariant } from '../shared/model/invariant';

const DOUBT = 0.05;
/** Halvings: more than a double can tell apart. */
const STEPS = 60;

/** A share, 0..1. `failureCount` of 0 to `trialCount`; of no trial: 1. */
export function shareBelow(failureCount: number, trialCount: number): number {
  invariant(failureCount >= 0 && failureCount <= trialCount, 'there are no more failures than trials');
  if (failureCount === trialCount) return 1;
  let [low, high] = [failureCount / trialCount, 1];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(failureCount, trialCount, middle) > DOUBT) low = middle;
    else high = middle;
  }
  return high;
}

/** `below 3.0 % of kills at 95 %`. */
export function boundText(failureCount: number, trialCount: number, trials: string): string {
  return `below ${(shareBelow(failureCount, trialCount) * 100).toFixed(1)} % of ${trials} at 95 %`;
}

/** The probability of at most so many failures, summed by logarithms: a share of ten thousand trials underflows. */
function atMost(failureCount: number, trialCount: number, share: number): number {
  let logarithm = trialCount * Math.log1p(-share);
  let sum = Math.exp(logarithm);
  for (let count = 1; count <= failureCount; count += 1) {
    logarithm += Math.log((trialCount - count + 1) / count) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logarithm);
  }
  return sum;
}
