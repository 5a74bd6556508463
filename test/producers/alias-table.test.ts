import fc from 'fast-check';
import { AliasTable } from '../../producers/alias-table';
import { seededRandom } from '../../shared/adapters/seeded-random';
import type { Random } from '../../shared/ports';

/** Answers the given numbers in turn. */
function scripted(numbers: readonly number[]): Random {
  const left = [...numbers];
  const random: Random = { below: () => left.shift() ?? 0, stream: () => random };
  return random;
}

/** The exact probability of each index: over all columns, the part of 2^32 draws that leads there. */
function sharesOf(table: AliasTable, size: number): number[] {
  const shares = Array.from({ length: size }, () => 0);
  for (let column = 0; column < size; column += 1) {
    let [low, high] = [0, 2 ** 32];
    const isKept = (draw: number) => table.draw(scripted([column, draw])) === column;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isKept(middle)) low = middle + 1;
      else high = middle;
    }
    const other = table.draw(scripted([column, 2 ** 32 - 1]));
    shares[column] = (shares[column] ?? 0) + low / 2 ** 32 / size;
    shares[other] = (shares[other] ?? 0) + (1 - low / 2 ** 32) / size;
  }
  return shares;
}

describe('an alias table', () => {
  it('gives each index exactly its share of the weights', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, (drawn) => {
        const all = [...drawn, 1];
        const sum = all.reduce((total, weight) => total + weight, 0);
        const shares = sharesOf(new AliasTable(all), all.length);
        for (const [index, weight] of all.entries()) expect(shares[index]).toBeCloseTo(weight / sum, 6);
      }),
    );
  });

  it('never draws an index of weight 0', () => {
    const table = new AliasTable([0, 1, 0]);
    const random = seededRandom('1');
    expect(new Set(Array.from({ length: 1_000 }, () => table.draw(random)))).toEqual(new Set([1]));
  });

  it.each([[[]], [[0]], [[1, -1]]])('refuses the weights %j', (weights) => {
    expect(() => new AliasTable(weights)).toThrow('weights are not negative and not all zero');
  });
});
