/**
 * Key_Shared while members come and go: hashes that move drain first (pulsar-semantics 3.7). c1 owns everything alone;
 * c2 takes k1, k2, k4, k5, k6 and k9 from it; a third, c3, then takes k1, k4, k5 and k6 from c2 and k8 from c1.
 */
import { ack, ask, close, join, kill, nack, publish, type Script } from './script';

export const DRAINING_SCRIPTS: readonly Script[] = [
  {
    name: 'draining-join-while-unacked',
    intent: 'A newcomer gets nothing of a key while the old owner holds messages of its hash.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1', 'k2:2', 'k0:1'), ask('c1', 3), join('c2', 'key-shared')],
      ...[ask('c2', 3), publish('k2:3', 'k0:2', 'k1:1'), ask('c1', 2), ack('c1', 'k2:1'), ack('c1', 'k2:2')],
      publish('k2:4', 'k0:3'),
    ],
  },
  {
    name: 'draining-ended-by-another',
    intent: 'Anybody’s acknowledgement ends a drain.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1'), ask('c1', 1), join('c2', 'key-shared'), ask('c2', 2)],
      ...[publish('k2:2', 'k2:3'), ack('c2', 'k2:1')],
    ],
  },
  {
    name: 'draining-nack',
    intent: 'A negative acknowledgement by the old owner ends its hold; the message waits while another one drains.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1', 'k2:2'), ask('c1', 2), join('c2', 'key-shared'), ask('c2', 5)],
      ...[publish('k2:3'), nack('c1', 'k2:1'), nack('c1', 'k2:2')],
    ],
  },
  {
    name: 'draining-kill',
    intent: 'When the old owner dies its messages go to the new one, before those that waited.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1', 'k0:1', 'k2:2'), ask('c1', 3), join('c2', 'key-shared')],
      ...[ask('c2', 8), publish('k2:3'), kill('c1'), publish('k0:2')],
    ],
  },
  {
    name: 'draining-ownership-returns',
    intent:
      'When the newcomer leaves, the hash is its old owner’s again and drains no more; when it comes back, it drains anew.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1'), ask('c1', 1), join('c2', 'key-shared'), ask('c2', 2)],
      ...[publish('k2:2'), close('c2'), ask('c1', 1), join('c2', 'key-shared'), ask('c2', 2), publish('k2:3')],
      ...[ack('c1', 'k2:1'), ack('c1', 'k2:2')],
    ],
  },
  {
    name: 'draining-third-takes-over',
    intent: 'What waits for a drain goes to whoever owns the hash at its end, never to who owned it in between.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k1:1', 'k8:1'), ask('c1', 2), join('c2', 'key-shared'), ask('c2', 2)],
      ...[publish('k1:2'), join('c3', 'key-shared'), ask('c3', 3), publish('k8:2'), ack('c1', 'k1:1')],
      ack('c1', 'k8:1'),
    ],
  },
  {
    name: 'draining-without-permits',
    intent: 'The end of a drain gives nothing to a new owner that asks for nothing.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1'), ask('c1', 2), join('c2', 'key-shared'), publish('k2:2', 'k0:1')],
      ...[ack('c1', 'k2:1'), ask('c2', 1)],
    ],
  },
  {
    name: 'draining-shared-hash',
    intent: 'Two keys of one sticky hash wait for each other.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k355:1'), ask('c1', 1), join('c2', 'key-shared'), ask('c2', 4)],
      ...[publish('k930:1', 'k2:1'), ack('c1', 'k355:1')],
    ],
  },
  {
    name: 'draining-two-holders',
    intent: 'Hashes of two old owners drain at the same time, each at its own.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 4), ask('c2', 4)],
      ...[publish('k8:1', 'k1:1', 'k10:1', 'k4:1', 'k2:1'), join('c3', 'key-shared'), ask('c3', 8)],
      ...[publish('k8:2', 'k1:2', 'k10:2', 'k4:2', 'k2:2'), ack('c1', 'k8:1'), ack('c2', 'k1:1'), kill('c2')],
      ack('c1', 'k10:1'),
    ],
  },
  {
    name: 'draining-one-name',
    intent: 'A hash that moves to another consumer of the same name drains like any other.',
    partitionCount: 0,
    operations: [
      ...[join('first', 'key-shared', { consumerName: 'w' }), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1')],
      ...[ask('first', 5), join('second', 'key-shared', { consumerName: 'w' }), ask('second', 9)],
      ...[publish('k0:2', 'k1:2', 'k2:2', 'k3:2', 'k4:2'), ack('first', 'k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1')],
    ],
  },
  {
    name: 'draining-partitions',
    intent: 'Every partition drains by itself.',
    partitionCount: 2,
    operations: [
      ...[join('c1', 'key-shared', { receiverQueueSize: 1 }), ask('c1', 8)],
      ...[publish('k1:1', 'k2:1', 'k4:1', 'k5:1'), join('c2', 'key-shared', { receiverQueueSize: 1 }), ask('c2', 8)],
      ...[publish('k1:2', 'k2:2', 'k4:2', 'k5:2'), ack('c1', 'k1:1'), ack('c1', 'k2:1', 'k4:1', 'k5:1')],
    ],
  },
];
