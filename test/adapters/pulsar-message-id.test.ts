/** Message ids as Pulsar writes them. The base64 texts were read from a running 4.2.4. */
import fc from 'fast-check';
import {
  decodeMessageId,
  encodeMessageId,
  parseMessageId,
  printMessageId,
} from '../../shared/adapters/pulsar-message-id';

const ids = fc.record({
  ledgerId: fc.maxSafeNat(),
  entryId: fc.maxSafeNat(),
  partition: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
});

describe('a message id', () => {
  it.each([
    ['CAoQABgAMAA=', '10:0:0'],
    ['CAwQrycYATAA', '12:5039:1'],
    ['CAkQABgCMAA=', '9:0:2'],
    ['CAgQAA==', '8:0:-1'],
  ])('that a broker writes as %s is printed %s', (base64, text) => {
    const id = decodeMessageId(base64);
    expect(id && printMessageId(id)).toBe(text);
  });

  it('of a send that the broker dropped as a duplicate is -1:-1', () => {
    const bytes = [0x08, ...Array<number>(9).fill(0xff), 0x01, 0x10, ...Array<number>(9).fill(0xff), 0x01];
    expect(decodeMessageId(Buffer.from(bytes).toString('base64'))).toEqual({
      ledgerId: -1,
      entryId: -1,
      partition: -1,
    });
  });

  it('is what it was after encoding and decoding, and after printing and parsing', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(decodeMessageId(encodeMessageId(id))).toEqual(id);
        expect(parseMessageId(printMessageId(id))).toEqual(id);
      }),
    );
  });

  it.each(['', 'AA==', 'CAo=', 'CP8=', '/////////////////w==', 'not base64 at all'])('is not read from %j', (text) => {
    expect(decodeMessageId(text)).toBeNull();
  });

  it('skips a field of bytes, such as the set of acknowledged batch members', () => {
    expect(decodeMessageId(Buffer.from([0x08, 1, 0x10, 2, 0x2a, 3, 9, 9, 9]).toString('base64'))).toEqual({
      ledgerId: 1,
      entryId: 2,
      partition: -1,
    });
  });

  it.each(['', '1:2', '1:2:3:4', '-1:-1:-1', 'a:b:c', '1:2:-2'])('is not parsed from %j', (text) => {
    expect(parseMessageId(text)).toBeNull();
  });
});
