import fc from 'fast-check';
import { readTraceLine } from '../../producers/trace';
import { anyUserEvent } from '../support/user-event';

describe('a line of a trace', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyUserEvent, ({ user, type, data, intendedAt: at }) => {
        expect(readTraceLine(JSON.stringify({ at, user, type, data })).draft).toEqual({ at, user, type, data });
      }),
    );
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readTraceLine(text).problem).not.toBeNull();
      }),
    );
  });

  it.each([
    ['{"at":1,"user":"u","type":"UserCreated"', 'the line is not JSON'],
    ['{"at":1,"user":"a b","type":"UserDeleted","data":{}}', 'user: must match ^[A-Za-z0-9_-]{1,64}$'],
    ['{"at":1,"user":"u","type":"UserCredited","data":{"amount":-1}}', 'data.amount: '],
    ['{"at":1,"user":"u","type":"UserMerged","data":{}}', 'type: '],
    ['{"at":1,"user":"u","type":"UserDeleted","data":{},"sequence":7}', 'sequence'],
    ['{"user":"u","type":"UserDeleted","data":{}}', 'at: '],
  ])('says what is wrong with %s', (line, problem) => {
    expect(readTraceLine(line).problem).toContain(problem);
  });
});
