/** Shared: whoever has room. Deliveries are published one by one, since the length of runs is free. */
import { ack, ask, close, join, kill, nack, publish, type Script } from './script';

export const SHARED_SCRIPTS: readonly Script[] = [
  {
    name: 'shared-round-robin',
    intent: 'Messages that are published one by one go round the consumers.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), ask('c1', 6), ask('c2', 6)],
      ...[publish('a:1'), publish('a:2'), publish('b:1'), publish('a:3')],
      ...[join('c3', 'shared'), ask('c3', 6), publish('b:2'), publish('a:4'), publish('a:5'), publish('b:3')],
    ],
  },
  {
    name: 'shared-round-robin-members',
    intent: 'The turn goes on from its place in the list when somebody before or behind it leaves, or everybody does.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), join('c3', 'shared'), ask('c1', 9), ask('c2', 9), ask('c3', 9)],
      ...[publish('a:1'), publish('a:2'), ack('c1', 'a:1'), close('c1'), publish('b:1'), ack('c2', 'a:2', 'b:1')],
      ...[publish('b:2'), ack('c3', 'b:1', 'b:2'), close('c2'), publish('b:3'), ack('c3', 'b:3')],
      ...[join('c4', 'shared'), ask('c4', 9), publish('c:1'), publish('c:2'), ack('c3', 'c:1', 'c:2')],
      ...[publish('c:3'), publish('c:4'), ack('c4', 'c:3', 'c:4'), close('c3'), close('c4')],
      ...[join('c5', 'shared'), join('c6', 'shared'), ask('c5', 9), ask('c6', 9), publish('d:1'), publish('d:2')],
    ],
  },
  {
    name: 'shared-turn-after-another-type',
    intent: 'The turn begins anew when another type was there in between.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), ask('c1', 3), publish('a:1'), ack('c2', 'a:1')],
      ...[close('c1'), close('c2'), join('c3', 'exclusive'), close('c3'), join('c4', 'shared'), join('c5', 'shared')],
      ...[ask('c4', 3), ask('c5', 3), publish('a:2'), publish('a:3')],
    ],
  },
  {
    name: 'shared-room-decides',
    intent: 'Who asked for nothing gets nothing, and its turn is another’s.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), ask('c1', 1)],
      ...[publish('a:1'), publish('a:2'), ask('c2', 1), ask('c2', 1), publish('a:3'), publish('b:1'), ask('c1', 1)],
    ],
  },
  {
    name: 'shared-nack',
    intent: 'A negatively acknowledged message comes before new ones, to whoever has room, with its count.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 2), publish('a:1', 'a:2', 'a:3'), nack('c1', 'a:2'), join('c2', 'shared')],
      ...[ask('c2', 1), ask('c2', 1), nack('c2', 'a:2'), ask('c1', 1), ack('c2', 'a:2')],
    ],
  },
  {
    name: 'shared-kill',
    intent: 'What a killed consumer held goes to the others in order, with its count as it was.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 4), publish('a:1', 'a:2', 'b:1'), nack('c1', 'a:1'), join('c2', 'shared')],
      ...[ack('c1', 'a:2'), kill('c1'), ask('c2', 2), publish('b:2'), ask('c2', 2)],
    ],
  },
  {
    name: 'shared-ack-by-another',
    intent: 'A message may be acknowledged by somebody who never had it.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), ask('c1', 2), publish('a:1', 'a:2'), ack('c2', 'a:1')],
      ...[close('c1'), ask('c2', 2), ack('c2', 'a:2')],
    ],
  },
  {
    name: 'shared-last-out-first-in',
    intent: 'After the last consumer the next first one begins at the oldest unacknowledged message.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 3), publish('a:1', 'a:2', 'a:3', 'a:4'), ack('c1', 'a:2'), close('c1')],
      ...[publish('b:1'), join('c2', 'shared'), ask('c2', 3), ask('c2', 3)],
    ],
  },
  {
    name: 'shared-other-type',
    intent: 'A live subscription keeps its type; when nobody is left another may come.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'key-shared'), join('c3', 'exclusive'), close('c1')],
      ...[join('c2', 'key-shared'), join('c1', 'shared'), publish('a:1'), ask('c2', 1)],
    ],
  },
  {
    name: 'shared-one-name',
    intent: 'Consumers of one name take turns like any others.',
    partitionCount: 0,
    operations: [
      ...[join('first', 'shared', { consumerName: 'worker' }), join('second', 'shared', { consumerName: 'worker' })],
      ...[ask('first', 3), ask('second', 3), publish('a:1'), publish('a:2'), publish('a:3'), kill('first')],
    ],
  },
  {
    name: 'shared-nacks-in-position-order',
    intent: 'Messages that were given back in any order come again in that of the log, before new ones.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 3), publish('a:1', 'a:2', 'a:3', 'a:4'), nack('c1', 'a:3', 'a:1', 'a:2')],
      ...[ask('c1', 2), join('c2', 'shared'), ask('c2', 1), ask('c2', 1)],
    ],
  },
  {
    name: 'shared-ack-of-returned',
    intent: 'A message that was given back and waits can still be acknowledged, by anybody; then nobody gets it.',
    partitionCount: 0,
    operations: [
      ...[
        join('c1', 'shared'),
        join('c2', 'shared'),
        publish('a:1', 'a:2', 'a:3'),
        ask('c1', 2),
        nack('c1', 'a:1', 'a:2'),
      ],
      ...[ack('c2', 'a:1'), ask('c1', 2), publish('a:4')],
    ],
  },
];
