import { isAcknowledged } from '../../lab/acknowledgement-watch';

const at = (ledgerId: number, entryId: number) => ({ ledgerId, entryId, partition: -1 });

describe('an acknowledgement is known to the broker', () => {
  const none = { markDeletePosition: '7:4', individuallyDeletedMessages: '[]' };

  it('at and below the mark-delete position, in its ledger and in those before', () => {
    const known = [at(6, 90), at(7, 0), at(7, 4), at(7, 5), at(8, 0)].map((id) => isAcknowledged(id, none));
    expect(known).toEqual([true, true, true, false, false]);
  });

  it('above it in a range, which begins behind its first place', () => {
    const cursor = { markDeletePosition: '7:-1', individuallyDeletedMessages: '[(7:1..7:3],(7:6..8:0]]' };
    const known = [at(7, 0), at(7, 1), at(7, 2), at(7, 3), at(7, 4), at(7, 7), at(8, 0), at(8, 1)];
    expect(known.map((id) => isAcknowledged(id, cursor))).toEqual([false, false, true, true, false, true, true, false]);
  });
});
