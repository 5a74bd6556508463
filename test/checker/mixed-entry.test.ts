/** W10 reads batches off message ids: what is one entry, whose keys differ, and who minds. */
import type { SubscriptionType } from '../../shared/model/subscription';
import { HistoryBuilder } from '../support/history-builder';
import { judged } from '../support/judged';

/** Four events of two users, all handled, in a log where they have these ids. */
function found(messageIds: readonly string[], subscriptionType: SubscriptionType = 'key-shared'): readonly string[] {
  const topology = { subscriptionType, consumerCount: 2, partitionCount: 0, receiverQueueSize: 10 };
  const builder = new HistoryBuilder({ topology }).join('c1#1').join('c2#1').publish('ann', 1, 2).publish('bea', 1, 2);
  const records = builder.handled('c1#1', 'ann', 1, 2).handled('c2#1', 'bea', 1, 2).finish();
  let index = 0;
  const renamed = records.map((record) => {
    if (record.stream !== 'Log') return record;
    index += 1;
    return { ...record, messageId: messageIds[index - 1] ?? record.messageId };
  });
  return judged(renamed).anomalies.map(({ id }) => id);
}

const MIXED = ['1:0:-1', '1:1:-1:0', '1:1:-1:1', '1:2:-1'];

it('is found where Key_Shared reads an entry with the events of two users', () => {
  expect(found(MIXED)).toEqual(['W10']);
});

it.each<SubscriptionType>(['exclusive', 'failover', 'shared'])('is nobody’s affair under %s', (type) => {
  expect(found(MIXED, type)).not.toContain('W10');
});

it.each([
  ['are entries of their own', ['1:0:-1', '1:1:-1', '1:2:-1', '1:3:-1']],
  ['lie in a batch per user', ['1:0:-1:0', '1:0:-1:1', '1:1:-1:0', '1:1:-1:1']],
  ['are called no member of a batch', ['1:0:-1:-1', '1:0:-1:-1', '1:0:-1:-1', '1:0:-1:-1']],
])('is not found where events %s', (_how, ids) => {
  expect(found(ids)).toEqual([]);
});
