/** Acknowledgements and their opposites by whoever, in whatever order; what waits while owners change. */
import { ack, ask, close, join, kill, nack, nackThenClose, publish, type Script } from './script';

const QUEUE_OF_ONE = { receiverQueueSize: 1 };

export const ACK_SCRIPTS: readonly Script[] = [
  {
    name: 'ack-twice',
    intent: 'To acknowledge twice is to acknowledge once, whoever does it.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 4), publish('k0:1', 'k0:2'), ack('c1', 'k0:1')],
      ...[ack('c1', 'k0:1'), ack('c2', 'k0:1'), publish('k0:3')],
    ],
  },
  {
    name: 'ack-of-unread',
    intent: 'A message may be acknowledged before anybody got it; nobody gets it then.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), publish('a:1', 'a:2', 'a:3'), ack('c1', 'a:2'), ask('c1', 3), publish('a:4')],
      ...[ack('c1', 'a:3', 'a:1'), close('c1')],
    ],
  },
  {
    name: 'ack-in-reverse',
    intent: 'The cursor moves when its next message is acknowledged, and then over all that were before.',
    partitionCount: 0,
    operations: [
      ...[
        join('c1', 'exclusive'),
        publish('a:1', 'a:2', 'a:3', 'a:4'),
        ask('c1', 4),
        ack('c1', 'a:4'),
        ack('c1', 'a:3'),
      ],
      ...[ack('c1', 'a:1'), ack('c1', 'a:2')],
    ],
  },
  {
    name: 'ack-late-after-failover',
    intent: 'A late acknowledgement by the former active consumer counts, and its copy at the new one changes nothing.',
    partitionCount: 1,
    operations: [
      ...[join('b', 'failover', QUEUE_OF_ONE), ask('b', 4), publish('k0:1', 'k0:2')],
      ...[
        join('a', 'failover', QUEUE_OF_ONE),
        ask('a', 4),
        ack('b', 'k0:1'),
        ack('a', 'k0:1'),
        close('a'),
        ask('b', 2),
      ],
    ],
  },
  {
    name: 'nack-by-another-key-shared',
    intent: 'A negative acknowledgement by somebody who does not hold the message does nothing.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 4), ask('c2', 4), publish('k0:1', 'k1:1')],
      ...[nack('c2', 'k0:1'), nack('c1', 'k1:1'), publish('k0:2')],
    ],
  },
  {
    name: 'nack-by-another-shared',
    intent: 'The same on Shared.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), join('c2', 'shared'), ask('c1', 3), ask('c2', 3), publish('a:1'), publish('a:2')],
      ...[nack('c2', 'a:1'), nack('c1', 'a:2'), publish('a:3')],
    ],
  },
  {
    name: 'nack-twice',
    intent:
      'A message that is given back again and again is counted each time, and keeps its count when its holder dies.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), ask('c1', 4), publish('k0:1'), nack('c1', 'k0:1'), nack('c1', 'k0:1')],
      ...[join('c2', 'key-shared'), ask('c2', 2), kill('c1'), nack('c2', 'k0:1')],
    ],
  },
  {
    name: 'waiting-for-permits-moves',
    intent: 'A message that waits for its owner’s permits goes to whoever owns its hash next.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c2', 6), publish('k0:1', 'k1:1', 'k3:1')],
      ...[close('c1'), publish('k0:2')],
    ],
  },
  {
    name: 'waiting-for-permits-is-taken-over',
    intent: 'A newcomer takes over messages that wait for the permits of an owner which holds none of their hash.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 1), publish('k1:1', 'k0:1', 'k4:1', 'k2:1')],
      ...[join('c3', 'key-shared'), ask('c3', 4), ask('c2', 4)],
    ],
  },
  {
    name: 'shared-prefetch',
    intent: 'What a consumer has prefetched is its own until it gives it back or goes.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', { receiverQueueSize: 4 }), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6')],
      ...[join('c2', 'shared'), ask('c2', 6), ask('c1', 1), ack('c1', 'a:1'), kill('c1')],
    ],
  },
  {
    name: 'shared-partitions',
    intent: 'Every partition is shared by itself.',
    partitionCount: 2,
    operations: [
      ...[join('c1', 'shared', QUEUE_OF_ONE), ask('c1', 8), publish('k0:1', 'k1:1', 'k2:1'), ack('c1', 'k1:1')],
      ...[join('c2', 'shared', QUEUE_OF_ONE), ask('c2', 8), kill('c1'), publish('k3:1')],
    ],
  },
  {
    name: 'exclusive-partitions',
    intent: 'An Exclusive consumer gets every partition in order, and a negative acknowledgement rewinds its own only.',
    partitionCount: 2,
    operations: [
      ...[join('c1', 'exclusive', QUEUE_OF_ONE), ask('c1', 9), publish('k0:1', 'k1:1', 'k0:2', 'k1:2')],
      ...[ack('c1', 'k0:1'), nack('c1', 'k1:1'), ack('c1', 'k1:1', 'k1:2')],
    ],
  },
  {
    name: 'exclusive-close',
    intent: 'An orderly end keeps holes, and the next consumer begins at the first of them.',
    partitionCount: 0,
    operations: [
      ...[
        join('c1', 'exclusive'),
        publish('a:1', 'a:2', 'a:3', 'a:4'),
        ask('c1', 3),
        ack('c1', 'a:1', 'a:3'),
        close('c1'),
      ],
      ...[join('c1', 'exclusive'), ask('c1', 3), ack('c1', 'a:2'), close('c1'), join('c2', 'shared'), ask('c2', 2)],
    ],
  },
  {
    name: 'failover-three-partitions',
    intent:
      'Three consumers share three partitions by their names, and the death of one moves the index of the others.',
    partitionCount: 3,
    operations: [
      ...[
        join('a', 'failover', QUEUE_OF_ONE),
        join('b', 'failover', QUEUE_OF_ONE),
        join('c', 'failover', QUEUE_OF_ONE),
      ],
      ...[ask('a', 9), ask('b', 9), ask('c', 9), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k5:1'), kill('b')],
      publish('k0:2', 'k2:2'),
    ],
  },
  {
    name: 'failover-stand-by-leaves',
    intent: 'When somebody who stands by leaves nobody notices.',
    partitionCount: 1,
    operations: [
      ...[join('a', 'failover', QUEUE_OF_ONE), join('b', 'failover', QUEUE_OF_ONE), ask('a', 5), ask('b', 5)],
      ...[publish('k0:1'), close('b'), publish('k0:2'), ack('a', 'k0:1')],
    ],
  },
  {
    name: 'key-shared-three-to-one',
    intent: 'Three consumers become one: what each of the leavers held comes before later messages of its keys.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), join('c3', 'key-shared'), ask('c1', 6), ask('c2', 6)],
      ...[ask('c3', 6), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k8:1'), kill('c2'), publish('k2:2', 'k1:2')],
      ...[kill('c3'), publish('k4:2', 'k8:2'), ask('c1', 12), ack('c1', 'k1:1', 'k2:1')],
    ],
  },
  {
    name: 'key-shared-one-to-three',
    intent: 'One consumer that holds everything becomes three: each hash drains by itself.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k8:1'), ask('c1', 6)],
      ...[join('c2', 'key-shared'), join('c3', 'key-shared'), ask('c2', 6), ask('c3', 6)],
      ...[publish('k1:2', 'k2:2', 'k8:2'), ack('c1', 'k8:1'), ack('c1', 'k2:1'), ack('c1', 'k1:1')],
    ],
  },
  {
    name: 'key-shared-rejoin',
    intent: 'Who comes back under its name has its hashes again, and what it held before has gone to another.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 4), ask('c2', 4), publish('k0:1', 'k1:1')],
      ...[kill('c1'), join('c1', 'key-shared'), ask('c1', 4), publish('k0:2', 'k3:1'), ack('c2', 'k0:1')],
    ],
  },
  {
    name: 'nack-dies-with-its-consumer',
    intent:
      'A negative acknowledgement is a timer of the client: who goes before it is due has given nothing back, and nothing counts.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k0:1', 'k0:2'), ask('c1', 2), join('c2', 'key-shared')],
      ...[ask('c2', 4), nackThenClose('c1', 'k0:1'), nack('c2', 'k0:2'), publish('k0:3')],
    ],
  },
];
