/** Mutants of cursors, outages, and limits of unacknowledged messages. */
import type { Mutant } from './mutant';

export const CURSOR_MUTANTS: readonly Mutant[] = [
  {
    name: 'an-acknowledgement-is-cumulative',
    file: 'cursor.ts',
    line: '    if (position > cursor.markDelete) cursor.acknowledged.add(position);',
    instead: '    cursor.markDelete = Math.max(cursor.markDelete, position);',
    scripts: ['exclusive-holes', 'ack-in-reverse', 'key-shared-split', 'key-shared-no-permits'],
  },
  {
    name: 'a-consumer-at-its-limit-is-served-at-the-next-ack',
    file: 'unacked.ts',
    line: 'consumer.unackedCount <= Math.floor(unackedPerConsumerMax / 2)',
    instead: 'consumer.unackedCount < unackedPerConsumerMax',
    scripts: ['unacked-limit-consumer', 'unacked-limit-key-shared'],
  },
  {
    name: 'a-consumer-has-no-limit',
    file: 'unacked.ts',
    line: 'consumer.unackedCount >= unackedPerConsumerMax',
    instead: 'consumer.unackedCount > unackedPerConsumerMax',
    scripts: ['unacked-limit-other-consumer'],
  },
  {
    name: 'an-unload-forgets-holes',
    file: 'broker-outage.ts',
    line: '    for (const { persisted, cursor } of subscriptions.values()) persist(persisted, cursor, state.settings);',
    instead: '    for (const { cursor } of subscriptions.values()) cursor.acknowledged.clear();',
    scripts: ['unload-empty', 'unload-exclusive', 'unload-key-shared'],
  },
  {
    name: 'an-unload-keeps-counts',
    file: 'broker-outage.ts',
    line: '  subscription.consumers.length = 0;\n  subscription.dispatcher = null;',
    instead: '  subscription.consumers.length = 0;',
    scripts: ['unload-shared', 'unload-failover', 'unload-ends-drains'],
  },
  {
    name: 'a-cursor-set-back-keeps-what-was-acknowledged',
    file: 'cursor.ts',
    line: '  cursor.markDelete = position - 1;\n  cursor.acknowledged.clear();',
    instead:
      '  cursor.markDelete = position - 1;\n  for (let read = position; read < cursor.read - 1; read += 1) cursor.acknowledged.add(read);',
    scripts: ['seek-back', 'seek-ends-drains', 'seek-exclusive'],
  },
  {
    name: 'a-cursor-set-to-a-message-begins-behind-it',
    file: 'cursor.ts',
    line: '  cursor.markDelete = position - 1;\n',
    instead: '  cursor.markDelete = position;\n',
    scripts: ['seek-without-consumers', 'seek-ahead'],
  },
  {
    name: 'a-subscription-goes-on-at-half',
    file: 'unacked.ts',
    line: 'unacked.count < Math.floor(unackedPerSubscriptionMax / 2)',
    instead: 'unacked.count <= Math.floor(unackedPerSubscriptionMax / 2)',
    scripts: ['unacked-limit-subscription'],
  },
  {
    name: 'what-was-put-aside-is-lost',
    file: 'consumer.ts',
    line: '  consumer.permits += consumer.permitsPutAside;\n',
    instead: '',
    scripts: ['unacked-limit-asks-meanwhile'],
  },
  {
    name: 'a-limit-ends-with-a-redelivery-only',
    file: 'unacked.ts',
    line: '  if (endsConsumer) unblockConsumer(consumer);\n',
    instead: '  if (endsConsumer && count > 1) unblockConsumer(consumer);\n',
    scripts: ['unacked-limit-consumer'],
  },
  {
    name: 'a-consumer-stays-connected-while-its-cursor-moves',
    file: 'broker-outage.ts',
    line: '  disconnectAll(state, targets, subscription, actions);\n',
    instead: '',
    scripts: ['seek-back'],
  },
  {
    name: 'partitions-are-chosen-by-sticky-hash',
    file: 'partition-routing.ts',
    line: 'murmur % partitionCount;',
    instead: '((murmur % 65_535) + 1) % partitionCount;',
    scripts: ['failover-two-partitions'],
  },
  {
    name: 'holes-close-only-at-their-end',
    file: 'cursor.ts',
    line: '  cursor.markDelete = position;\n  while (cursor.acknowledged.delete(cursor.markDelete + 1)) cursor.markDelete += 1;\n}\n\n/** Acknowledges everything',
    instead: '  cursor.markDelete = position;\n}\n\n/** Acknowledges everything',
    scripts: ['exclusive-nack-then-ack'],
  },
];
