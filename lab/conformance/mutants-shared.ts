/** Mutants of Shared, of subscriptions and of redelivery counts. */
import type { Mutant } from './mutant';

export const SHARED_MUTANTS: readonly Mutant[] = [
  {
    name: 'priority-levels-divide-hashes',
    file: 'subscription.ts',
    line: "  insert(subscription.consumers, consumer, type === 'shared');",
    instead:
      "  if (type === 'key-shared' && consumer.priorityLevel > 0) consumer.permitsPutAside = 0; else insert(subscription.consumers, consumer, type === 'shared');",
    scripts: ['priority-key-shared-ignored'],
  },
  {
    name: 'a-nack-is-not-counted',
    file: 'dispatch.ts',
    line: 'counts.set(position, (counts.get(position) ?? 0) + 1);',
    instead: 'counts.set(position, counts.get(position) ?? 0);',
    scripts: [
      'key-shared-nacks-in-position-order',
      'key-shared-nack-overtaken',
      'nack-twice',
      'key-shared-close',
      'nack-dies-with-its-consumer',
    ],
  },
  {
    name: 'a-disconnect-counts-as-redelivery',
    file: 'dispatch-shared.ts',
    line: '      takeBack(dispatch, state, cause.consumer.pending.keys());',
    instead:
      '      countRedeliveries(state.redeliveryCounts, cause.consumer.pending.keys());\n      takeBack(dispatch, state, cause.consumer.pending.keys());',
    scripts: ['shared-kill', 'shared-prefetch', 'shared-partitions'],
  },
  {
    name: 'counts-are-forgotten-with-any-consumer',
    file: 'dispatch-shared.ts',
    line: '      takeBack(dispatch, state, cause.consumer.pending.keys());',
    instead: '      state.redeliveryCounts.clear();\n      takeBack(dispatch, state, cause.consumer.pending.keys());',
    scripts: ['shared-kill'],
  },
  {
    name: 'new-messages-come-before-redeliveries',
    file: 'dispatch-shared.ts',
    line: '  const replayed = take(() => takeUnjudged(state.replay) ?? null, room, batch);\n',
    instead:
      '  if (take(() => readNext(dispatch), room, batch) > 0) return batch;\n  const replayed = take(() => takeUnjudged(state.replay) ?? null, room, batch);\n',
    scripts: ['shared-nack', 'ack-timeout-shared', 'shared-nacks-in-position-order'],
  },
  {
    name: 'the-first-consumer-is-always-next',
    file: 'dispatch-shared.ts',
    line: '  const start = state.nextIndex < consumers.length ? state.nextIndex : 0;',
    instead: '  const start = 0;',
    scripts: ['shared-round-robin', 'shared-turn-after-another-type', 'shared-one-name'],
  },
  {
    name: 'a-newcomer-is-first-in-the-list',
    file: 'subscription.ts',
    line: '  consumers.splice(worse < 0 ? consumers.length : worse, 0, newcomer);',
    instead: '  consumers.unshift(newcomer);',
    scripts: ['shared-round-robin', 'nack-by-another-shared', 'failover-one-name'],
  },
  {
    name: 'the-turn-begins-anew-with-the-next-first-consumer',
    file: 'subscription.ts',
    line: "  subscription.sharedNextIndex = dispatcher?.kind === 'shared' ? dispatcher.nextIndex : 0;",
    instead: '  subscription.sharedNextIndex = 0 * (dispatcher === null ? 0 : 1);',
    scripts: ['shared-round-robin-members'],
  },
  {
    name: 'the-first-consumer-goes-on-where-the-last-one-stopped',
    file: 'subscription.ts',
    line: '    rewind(subscription.cursor);\n',
    instead: '',
    scripts: ['key-shared-last-out-first-in', 'shared-last-out-first-in', 'exclusive-close'],
  },
  {
    name: 'a-second-exclusive-consumer-is-let-in',
    file: 'broker-consumers.ts',
    line: "  return active === 'exclusive' ? 'Exclusive consumer is already connected' : null;",
    instead: '  return null;',
    scripts: ['exclusive-second-consumer'],
  },
  {
    name: 'types-may-be-mixed',
    file: 'broker-consumers.ts',
    line: '  if (active !== asked) {',
    instead: "  if (active !== asked && active === 'exclusive') {",
    scripts: ['shared-other-type'],
  },
  {
    name: 'only-who-holds-a-message-ends-its-drain',
    file: 'subscription.ts',
    line: ' : holderOf(subscription.consumers, position);',
    instead: ' : null;',
    scripts: ['draining-ended-by-another', 'shared-ack-by-another'],
  },
  {
    name: 'shared-ignores-priority-levels',
    file: 'dispatch-shared.ts',
    line: 'fits(consumer.priorityLevel) && isAvailable(consumer)',
    instead: 'isAvailable(consumer)',
    scripts: ['priority-shared'],
  },
  {
    name: 'a-better-level-waits-for-its-turn',
    file: 'dispatch-shared.ts',
    line: '  let index = level === 0 ? NOT_FOUND : search(consumers, 0, length, (other) => other < level);',
    instead:
      '  let index = search(consumers, start, length, (other) => other === level);\n  if (index === NOT_FOUND) index = search(consumers, 0, length, (other) => other < level);',
    scripts: ['priority-shared-returns'],
  },
  {
    name: 'a-nack-of-what-nobody-holds-takes-an-acknowledgement-back',
    file: 'subscription.ts',
    line: '    const hash = consumer.pending.get(position);\n    if (hash === undefined) continue;',
    instead:
      '    const hash = consumer.pending.get(position);\n    if (hash === undefined) subscription.cursor.markDelete -= 1;\n    if (hash === undefined) continue;',
    scripts: ['key-shared-nack-after-ack', 'key-shared-nack-then-ack', 'nack-by-another-key-shared'],
  },
  {
    name: 'who-asks-waits-for-the-next-message',
    file: 'dispatch-shared.ts',
    line: "    case 'joined':\n    case 'flowed':",
    instead: "    case 'flowed':\n      return;\n    case 'joined':",
    scripts: ['shared-room-decides', 'ack-of-unread', 'unacked-limit-redeliveries-go-on'],
  },
  {
    name: 'the-limit-of-a-subscription-stops-redeliveries',
    file: 'dispatch-shared.ts',
    line: '  const batch: number[] = [];\n',
    instead: '  const batch: number[] = [];\n  if (dispatch.unacked.isBlocked) return batch;\n',
    scripts: ['unacked-limit-redeliveries-go-on'],
  },
  {
    name: 'an-acknowledgement-by-another-is-ignored',
    file: 'subscription.ts',
    line: '  acknowledge(cursor, position);\n',
    instead: '  if (holder === acker || holder === null) acknowledge(cursor, position);\n',
    scripts: ['draining-ended-by-another'],
  },
  {
    name: 'what-waits-is-given-back-acknowledged-or-not',
    file: 'dispatch-shared.ts',
    line: '      forget(state.replay, cause.position);\n',
    instead: '',
    scripts: ['shared-ack-of-returned'],
  },
];
