import { addToRing, createHashRing, hashRangesOf, ownerOf, removeFromRing } from '../../shared/simulator/hash-ring';
import { murmurHash } from '../../shared/simulator/murmur-hash';
import { partitionOf } from '../../shared/simulator/partition-routing';
import {
  addToSplit,
  ownerInSplit,
  type RangeSplit,
  rangesOfSplit,
  removeFromSplit,
} from '../../shared/simulator/range-split';
import { stickyHashOf, stickyHashOfRanges } from '../../shared/simulator/sticky-hash';
import keyHashes from '../vectors/key-hash.json';
import keySharedRanges from '../vectors/key-shared-ranges.json';
import partitionRouting from '../vectors/partition-routing.json';

describe('hashes of Pulsar 4.2.4', () => {
  it('gives every key the murmur hash and the sticky hash of a running broker', () => {
    const computed = keyHashes.vectors.map(({ key }) => {
      const murmur = murmurHash(key);
      return [key, murmur, stickyHashOf(murmur), stickyHashOfRanges(murmur)];
    });
    const expected = keyHashes.vectors.map(({ key, murmur31, autoSplit, sticky }) => [
      key,
      murmur31,
      autoSplit,
      sticky,
    ]);
    expect(computed).toEqual(expected);
    expect(computed).toHaveLength(254);
  });

  it.each(partitionRouting.partitions.map((count, column) => [count, column] as const))(
    'sends every key to the partition that Murmur3_32Hash clients choose among %i',
    (count, column) => {
      const computed = partitionRouting.vectors.map(({ key }) => [key, partitionOf(murmurHash(key), count)]);
      expect(computed).toEqual(partitionRouting.vectors.map(({ key, murmur }) => [key, murmur[column]]));
    },
  );

  it('knows no partition on a plain topic', () => {
    expect(partitionOf(murmurHash('a'), 0)).toBe(-1);
  });
});

describe('hash ranges of Key_Shared in Pulsar 4.2.4', () => {
  it.each(keySharedRanges.scenarios.map((scenario) => [scenario.scenario, scenario.steps] as const))(
    'shows the ranges of a running broker after every step of %s',
    (_name, steps) => {
      const ring = createHashRing();
      const idOf = new Map<string, number>();
      for (const [index, { op, consumer, consumerName, after }] of steps.entries()) {
        if (op === 'add') {
          idOf.set(consumer, index);
          addToRing(ring, index, consumerName);
        } else removeFromRing(ring, idOf.get(consumer) ?? -1);
        const expected = after.map((live) => [idOf.get(live.consumer), live.nameIndex, live.ranges]);
        const indexOf = new Map(ring.members.map(({ consumerId, nameIndex }) => [consumerId, nameIndex]));
        expect([...hashRangesOf(ring)].map(([id, ranges]) => [id, indexOf.get(id), ranges])).toEqual(expected);
      }
    },
  );

  it('halves and merges ranges as the selector without consistent hashing does, step by step', () => {
    const split: RangeSplit = [];
    for (const { op, consumer, after } of keySharedRanges.rangeSplit) {
      if (op === 'add') addToSplit(split, consumer);
      else removeFromSplit(split, consumer);
      const ranges = [...rangesOfSplit(split)].map(([id, [range]]) => [id, ...(range ?? [])]);
      expect(ranges).toEqual(after);
      for (const [id = 0, start = 0, end = 0] of after) {
        expect([ownerInSplit(split, start), ownerInSplit(split, Math.min(end, 65_535))]).toEqual([id, id]);
      }
    }
    expect(keySharedRanges.rangeSplit.length).toBeGreaterThan(10);
  });

  it('reproduces the unit test of the selector with three points per consumer', () => {
    const ring = createHashRing();
    for (const id of [1, 2, 3]) addToRing(ring, id, `consumer${id}`, 3);
    expect(Object.fromEntries(hashRangesOf(ring))).toEqual({
      1: [
        [14359, 18366],
        [29991, 39817],
        [52980, 60442],
      ],
      2: [
        [1, 6668],
        [39818, 52979],
        [60443, 63679],
        [65184, 65535],
      ],
      3: [
        [6669, 14358],
        [18367, 29990],
        [63680, 65183],
      ],
    });
  });

  it.each([
    ['a', 42456, 2],
    ['key', 52449, 3],
    ['hello', 7892, 1],
    ['order-1', 52116, 3],
    ['user-42', 5188, 3],
    ['k0', 30776, 1],
    ['k1', 56817, 3],
    ['k2', 55295, 2],
    ['k3', 11677, 1],
  ])('gives key %s the sticky hash %i and the owner c%i of three', (key, sticky, owner) => {
    const ring = ringOf(['c1', 'c2', 'c3']);
    expect(stickyHashOf(murmurHash(key))).toBe(sticky);
    expect(ownerOf(ring, sticky)).toBe(owner);
  });

  it.each<[string[], number[], number]>([
    [['c1', 'c2', 'c3'], [20340, 21396, 23799], 197],
    [['c3', 'c2', 'c1'], [23815, 21396, 20324], 196],
  ])('leaves a colliding point with the consumer that came first: %s', (names, sizes, rangeCount) => {
    const ranges = [...hashRangesOf(ringOf(names)).values()];
    expect(ranges.map((own) => own.reduce((sum, [start, end]) => sum + end - start + 1, 0))).toEqual(sizes);
    expect(ranges.flat()).toHaveLength(rangeCount);
  });

  it('owns every sticky hash by the range that holds it', () => {
    const ring = ringOf(['c1', 'c2', 'c3', 'c1']);
    const ranges = hashRangesOf(ring);
    for (const [consumer, own] of ranges) {
      for (const [start, end] of own) {
        expect([ownerOf(ring, start), ownerOf(ring, end)]).toEqual([consumer, consumer]);
      }
    }
  });
});

function ringOf(names: readonly string[]) {
  const ring = createHashRing();
  names.forEach((name, index) => {
    addToRing(ring, index + 1, name);
  });
  return ring;
}
