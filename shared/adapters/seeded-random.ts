/** Chance from a seed: the same seed gives the same numbers and ids on every machine. */
import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { OrderlabError } from '../errors';
import { invariant } from '../model/invariant';
import type { Ids, Random } from '../ports';

const SEED_BITS = 64;
const BOUND_MAX = 2 ** 32;
const DECIMAL = /^[0-9]+$/;
const HEXADECIMAL = /^(?:0x)?[0-9a-f]+$/i;

/**
 * The generator of a run. `seed`: a whole number of at most 64 bits, decimal, or hexadecimal with or without `0x`
 * (digits alone are read as decimal). Anything else is a USAGE error.
 */
export function seededRandom(seed: string): Random {
  return openStream([parseSeed(seed).toString(16)]);
}

function parseSeed(seed: string): bigint {
  const text = seed.trim();
  if (DECIMAL.test(text) || HEXADECIMAL.test(text)) {
    const value = BigInt(DECIMAL.test(text) ? text : `0x${text.replace(/^0x/i, '')}`);
    if (BigInt.asUintN(SEED_BITS, value) === value) return value;
  }
  throw new OrderlabError('USAGE', { problem: `a seed is a whole number of at most ${SEED_BITS} bits, got "${seed}"` });
}

/**
 * The state of a stream is the hash of its path, not a draw from its parent: a stream opened earlier or later, or one
 * more draw from the parent, gives the same numbers.
 */
function openStream(path: readonly string[]): Random {
  const hash = createHash('sha256').update(JSON.stringify(path)).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => hash.readInt32LE(offset)));
  return {
    below: (bound) => {
      invariant(Number.isInteger(bound) && bound >= 1 && bound <= BOUND_MAX, 'a bound is a whole number in 1..2^32');
      return uniformInt(generator, 0, bound - 1);
    },
    stream: (purpose, entity) => openStream([...path, purpose, entity]),
  };
}

/**
 * Event ids of 20 hexadecimal digits. The last eight count, so two ids of one source never meet by chance; the rest is
 * drawn, so nobody can read an order out of them.
 */
export function seededIds(random: Random): Ids {
  let given = 0;
  return {
    next: () => {
      invariant(given < BOUND_MAX, 'a source of ids gives fewer than 2^32 of them');
      const drawn = hexadecimal(random.below(2 ** 16), 4) + hexadecimal(random.below(BOUND_MAX), 8);
      return drawn + hexadecimal(given++, 8);
    },
  };
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
