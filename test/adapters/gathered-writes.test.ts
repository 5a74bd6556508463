import { Writable } from 'node:stream';
import { gatherWrites } from '../../shared/adapters/gathered-writes';

describe('gathered writes', () => {
  let leaving: string[][] = [];
  const stream = new Writable({
    decodeStrings: false,
    writev: (chunks, done) => {
      leaving.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
    write: (chunk, _encoding, done) => {
      leaving.push([String(chunk)]);
      done();
    },
  });
  const say = (text: string): void => {
    gatherWrites(stream);
    stream.write(text);
  };

  beforeEach(() => {
    leaving = [];
  });

  it('leave together, those of the continuations that were due included, and before the turn ends', async () => {
    say('1');
    void Promise.resolve().then(() => say('2'));
    expect(leaving).toEqual([]);
    await new Promise(setImmediate);
    expect(leaving).toEqual([['1', '2']]);
  });

  it('of a later turn are not held back by those of an earlier one', async () => {
    say('1');
    await new Promise(setImmediate);
    say('2');
    await new Promise(setImmediate);
    expect(leaving).toEqual([['1'], ['2']]);
  });
});
