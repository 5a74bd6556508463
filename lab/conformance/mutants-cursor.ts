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
    line: 'consumer.pending.size <= Math.floor(unackedPerConsumerMax / 2)',
    instead: 'consumer.pending.size < unackedPerConsumerMax',
    scripts: ['unacked-limit-consumer', 'unacked-limit-key-shared'],
  },
  {
    name: 'a-consumer-has-no-limit',
    file: 'unacked.ts',
    line: 'consumer.pending.size >= unackedPerConsumerMax',
    instead: 'consumer.pending.size > unackedPerConsumerMax',
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
    scripts: ['unload-shared', 'unload-failover'],
  },
  {
    name: 'a-cursor-set-back-keeps-what-was-acknowledged',
    file: 'cursor.ts',
    line: '  cursor.markDelete = position - 1;\n  cursor.acknowledged.clear();',
    instead:
      '  cursor.markDelete = position - 1;\n  for (let read = position; read < cursor.read - 1; read += 1) cursor.acknowledged.add(read);',
    scripts: ['seek-back'],
  },
  {
    name: 'a-cursor-set-to-a-message-begins-behind-it',
    file: 'cursor.ts',
    line: '  cursor.markDelete = position - 1;\n',
    instead: '  cursor.markDelete = position;\n',
    scripts: ['seek-without-consumers', 'seek-ahead'],
  },
];
