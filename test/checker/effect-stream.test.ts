/** The verdict on effects as they happen: each breach planted and found, and a clean twin that is not blamed. */
import * as fc from 'fast-check';
import { EffectStream } from '../../shared/checker/effect-stream';

const at = (sequence: number, user = 'ada') => ({ user, sequence });

/** All are stored; these have their effect, in this order. */
function streamOf(stored: readonly number[], applied: readonly number[]): EffectStream {
  const stream = new EffectStream();
  for (const sequence of stored) stream.stored(at(sequence));
  for (const sequence of applied) stream.applied(at(sequence));
  return stream;
}

it('finds nothing in a clean stream', () => {
  const { swapped, repeated, lost, unannounced } = streamOf([1, 2, 3, 4], [1, 2, 3, 4]).judge();
  expect([swapped, repeated, lost, unannounced]).toEqual(Array(4).fill({ count: 0, witness: null }));
});

it('finds 2, 1, 4, 3: two events that are late', () => {
  const { swapped, repeated, lost } = streamOf([1, 2, 3, 4], [2, 1, 4, 3]).judge();
  expect(swapped).toEqual({ count: 2, witness: 'ada #1 was applied after #2' });
  expect([repeated.count, lost.count]).toEqual([0, 0]);
});

it('calls an event that comes again a repeat and not a swap, whatever came in between', () => {
  const stream = streamOf([1, 2, 3], [1, 2, 3]);
  expect([stream.applied(at(3)), stream.applied(at(1))]).toEqual(['repeated', 'repeated']);
  expect(stream.judge()).toMatchObject({ repeated: { count: 2 }, swapped: { count: 0 }, appliedCount: 3 });
});

it('finds what is stored and has no effect, and what has an effect that nobody announced', () => {
  const { lost, unannounced } = streamOf([1, 2, 3], [1, 3, 4]).judge();
  expect(lost).toEqual({ count: 1, witness: 'ada #2 is stored and has no effect' });
  expect(unannounced.count).toBe(1);
});

it('keeps users apart, and counts those who could have shown disorder', () => {
  const stream = new EffectStream();
  for (const user of ['ada', 'bob', 'ada', 'cyd'])
    stream.applied(at(user === 'ada' ? stream.counts.applied + 1 : 1, user));
  expect(stream.judge()).toMatchObject({ userCount: 3, contendedUserCount: 1 });
});

it('says of any stream what a list of all effects says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 })),
      fc.array(fc.integer({ min: 1, max: 12 })),
      (stored, applied) => {
        const seen: number[] = [];
        const expected = { swapped: 0, repeated: 0 };
        for (const sequence of applied) {
          if (seen.includes(sequence)) expected.repeated += 1;
          else if (seen.some((other) => other > sequence)) expected.swapped += 1;
          seen.push(sequence);
        }
        const judgement = streamOf(stored, applied).judge();
        expect({ swapped: judgement.swapped.count, repeated: judgement.repeated.count }).toEqual(expected);
        expect(judgement.lost.count).toBe(new Set(stored.filter((sequence) => !seen.includes(sequence))).size);
        expect(judgement.appliedCount).toBe(new Set(applied).size);
      },
    ),
  );
});
