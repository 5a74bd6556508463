/** Arrivals: when the events of a load come, whatever the system does with those before. */
import { OrderlabError } from '../shared/errors';
import { unreachable } from '../shared/model/invariant';
import type { Random } from '../shared/ports';

/**
 * constant: evenly spaced. poisson: independent of each other, as from many users. burst: `size` at once, and then none
 * until the rate has caught up.
 */
export type Arrival =
  | { readonly kind: 'constant' }
  | { readonly kind: 'poisson' }
  | { readonly kind: 'burst'; readonly size: number };

const SECOND_MS = 1_000;
/** Chance is drawn in steps of 2^-32. */
const DRAW_BOUND = 2 ** 32;

/** Reads `constant`, `poisson` or `burst:SIZE`. Anything else is a USAGE error. */
export function readArrival(text: string): Arrival {
  if (text === 'constant' || text === 'poisson') return { kind: text };
  const size = Number(/^burst:([1-9]\d{0,5})$/.exec(text)?.[1]);
  if (size > 0) return { kind: 'burst', size };
  throw new OrderlabError('USAGE', { problem: `an arrival is constant, poisson or burst:SIZE, got "${text}"` });
}

/** Milliseconds after the first one at which each event comes, for ever. The rate is the mean; above 0, per second. */
export function* arrivalOffsetsMs(arrival: Arrival, ratePerSecond: number, random: Random): Generator<number> {
  const gapMs = SECOND_MS / ratePerSecond;
  let offsetMs = 0;
  for (let index = 0; ; index += 1) {
    switch (arrival.kind) {
      case 'constant':
        yield index * gapMs;
        break;
      case 'poisson':
        yield offsetMs;
        /** The gaps of a Poisson process are exponential: the inverse of their distribution at an even chance in (0, 1]. */
        offsetMs -= Math.log((random.below(DRAW_BOUND) + 1) / DRAW_BOUND) * gapMs;
        break;
      case 'burst':
        yield Math.floor(index / arrival.size) * arrival.size * gapMs;
        break;
      default:
        unreachable(arrival, 'arrival');
    }
  }
}
