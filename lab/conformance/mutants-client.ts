/** Mutants of the client: negative acknowledgements, time-outs, dead letters, room. */
import type { Mutant } from './mutant';

export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'a-message-is-buried-one-redelivery-too-early',
    file: 'dead-letter.ts',
    line: "  return redeliveryCount === maxRedeliverCount ? 'last-chance' : 'dead';",
    instead: "  return redeliveryCount < maxRedeliverCount ? 'last-chance' : 'dead';",
    scripts: ['dead-letter-by-nack', 'dead-letter-acknowledged'],
  },
  {
    name: 'a-nack-buries-at-once',
    file: 'client-redelivery.ts',
    line: 'giveBack(state, receiver, nacked)',
    instead: 'giveUp(state, receiver, nacked)',
    scripts: ['dead-letter-without-room', 'dead-letter-shared'],
  },
  {
    name: 'a-timeout-buries-later',
    file: 'client-redelivery.ts',
    line: 'giveUp(state, receiver, takeOverdue(',
    instead: 'giveBack(state, receiver, takeOverdue(',
    scripts: ['dead-letter-by-timeout'],
  },
  {
    name: 'nothing-ever-times-out',
    file: 'ack-timeout.ts',
    line: '  if (timeoutMs === 0) return null;',
    instead: '  if (timeoutMs >= 0) return null;',
    scripts: ['ack-timeout-key-shared', 'ack-timeout-exclusive', 'ack-timeout-failover'],
  },
  {
    name: 'an-acknowledgement-takes-a-nack-back',
    file: 'client-redelivery.ts',
    line: '  untrackMessage(state.ackTimeout, partition, position);\n  state.deadLetters',
    instead: '  receiverAt(state, partition).negativeAcks.delete(position);\n  state.deadLetters',
    scripts: ['exclusive-nack-then-ack', 'failover-nack-then-ack'],
  },
  {
    name: 'a-client-announces-room-when-its-queue-is-empty',
    file: 'client-redelivery.ts',
    line: '  if (receiver.takenCount < Math.floor(receiverQueueSize / 2)) return [];',
    instead: '  if (receiver.takenCount < receiverQueueSize + 1) return [];',
    scripts: [
      'key-shared-queue-of-one',
      'failover-stand-by-leaves',
      'key-shared-partitions',
      'keys-over-partitions',
      'unacked-limit-failover',
    ],
  },
  {
    name: 'a-dead-letter-loses-its-origin',
    file: 'dead-letter.ts',
    line: '    REAL_SUBSCRIPTION: subscription,\n',
    instead: '    REAL_SUBSCRIPTION: topic,\n',
    scripts: ['dead-letter-by-nack'],
  },
];
