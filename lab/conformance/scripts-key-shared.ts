/**
 * Key_Shared with steady members: order, permits, negative acknowledgements, the end of a consumer.
 * With c1 alone everything is its own. With c1 and c2, c2 owns k1, k2, k4, k5, k6 and k9, and c1 owns k0, k3, k7 and k8.
 */
import { ack, ask, close, join, kill, nack, nackThenAck, publish, type Script } from './script';

const LONG_KEY = 'long-key-'.repeat(8);

export const KEY_SHARED_SCRIPTS: readonly Script[] = [
  {
    name: 'key-shared-split',
    intent: 'Two consumers get their own keys, each key in order.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 10), ask('c2', 10)],
      publish('k0:1', 'k1:1', 'k0:2', 'k2:1', 'k1:2', 'k3:1', 'k2:2', 'k0:3'),
      ...[ack('c1', 'k0:1', 'k3:1'), ack('c2', 'k1:1', 'k2:1', 'k2:2'), publish('k0:4', 'k1:3')],
    ],
  },
  {
    name: 'key-shared-no-permits',
    intent: 'The messages of a consumer that asks for none wait, and nobody else gets them.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c2', 6)],
      publish('k0:1', 'k1:1', 'k0:2', 'k1:2', 'k3:1'),
      ...[ask('c1', 1), publish('k0:3', 'k1:3'), ask('c1', 5), ack('c1', 'k0:2', 'k0:1')],
    ],
  },
  {
    name: 'key-shared-nack-overtaken',
    intent: 'A negatively acknowledged message comes again when later ones of its key are past.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k0:1', 'k0:2', 'k0:3', 'k0:4'), ask('c1', 3)],
      ...[nack('c1', 'k0:2'), ask('c1', 1), ask('c1', 2), nack('c1', 'k0:2'), ack('c1', 'k0:2'), publish('k0:5')],
    ],
  },
  {
    name: 'key-shared-nacks-in-position-order',
    intent:
      'Several messages that were given back while there was no room come again in the order of the log, counted.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), ask('c1', 4), publish('k0:1', 'k0:2', 'k0:3', 'k3:1')],
      ...[nack('c1', 'k0:3', 'k0:1', 'k3:1'), ask('c1', 3), nack('c1', 'k0:1'), ask('c1', 2), publish('k0:4')],
    ],
  },
  {
    name: 'key-shared-nack-after-ack',
    intent: 'What was acknowledged does not come again, whoever says so.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), ask('c1', 5), publish('k0:1', 'k0:2')],
      ...[ack('c1', 'k0:1'), nack('c1', 'k0:1'), publish('k0:3')],
    ],
  },
  {
    name: 'key-shared-nack-then-ack',
    intent: 'A message that is acknowledged before its negative acknowledgement is due does not come again.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), ask('c1', 6), publish('k0:1', 'k0:2', 'k0:3'), nackThenAck('c1', 'k0:2', 'k0:3')],
      ...[publish('k0:4'), nackThenAck('c1', 'k0:1')],
    ],
  },
  {
    name: 'key-shared-ack-of-returned',
    intent: 'A message that was given back and waits can still be acknowledged; then nobody gets it.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k0:1', 'k0:2'), ask('c1', 1), nack('c1', 'k0:1')],
      ...[ack('c1', 'k0:1'), ask('c1', 2), publish('k0:3')],
    ],
  },
  {
    name: 'key-shared-ack-of-waiting',
    intent: 'A message that waits for its owner’s permits and is acknowledged by another holds nothing up.',
    partitionCount: 0,
    operations: [
      ...[
        join('c1', 'key-shared'),
        publish('k1:1', 'k0:1'),
        ask('c1', 2),
        join('c2', 'key-shared'),
        nack('c1', 'k1:1'),
      ],
      ...[ask('c1', 2), ack('c1', 'k1:1'), publish('k1:2', 'k0:2'), ask('c2', 3)],
    ],
  },
  {
    name: 'key-shared-kill',
    intent: 'What a killed consumer held goes to the next owner in order, before later messages of its keys.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 4), ask('c2', 1)],
      publish('k0:1', 'k0:2', 'k3:1', 'k1:1', 'k0:3'),
      ...[ack('c1', 'k0:1'), kill('c1'), publish('k0:4'), ask('c2', 2), ask('c2', 5)],
    ],
  },
  {
    name: 'key-shared-close',
    intent: 'An orderly end gives everything back too, and counts as no redelivery.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), join('c3', 'key-shared')],
      ...[ask('c1', 5), ask('c2', 5), ask('c3', 5), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k0:2', 'k4:1')],
      ...[nack('c1', 'k0:1'), close('c1'), publish('k0:3'), close('c3'), publish('k4:2')],
    ],
  },
  {
    name: 'key-shared-last-out-first-in',
    intent: 'With the last consumer everything is forgotten; the next first one gets all again, counted from 0.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k0:1', 'k0:2', 'k1:1'), ask('c1', 3), nack('c1', 'k0:1'), ask('c1', 1)],
      ...[ack('c1', 'k0:2'), kill('c1'), publish('k1:2'), join('c2', 'key-shared'), ask('c2', 5)],
    ],
  },
  {
    name: 'key-shared-prefetch',
    intent: 'A consumer that prefetches holds what its application has not taken, and a newcomer waits for it.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', { receiverQueueSize: 40 }), publish('k2:1', 'k0:1', 'k2:2', 'k1:1')],
      ...[join('c2', 'key-shared', { receiverQueueSize: 40 }), publish('k2:3', 'k0:2'), ask('c2', 5), ask('c1', 10)],
      ...[ack('c1', 'k2:1', 'k1:1'), publish('k1:2'), ack('c1', 'k2:2'), kill('c1')],
    ],
  },
  {
    name: 'key-shared-queue-of-one',
    intent: 'With a queue of one the next message is under way while the first is worked on.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', { receiverQueueSize: 1 }), publish('k0:1', 'k0:2', 'k0:3', 'k0:4')],
      ...[ask('c1', 1), ask('c1', 1), ack('c1', 'k0:1'), ask('c1', 1)],
    ],
  },
  {
    name: 'key-shared-partitions',
    intent: 'Every partition splits its keys by itself.',
    partitionCount: 3,
    operations: [
      ...[join('c1', 'key-shared', { receiverQueueSize: 1 }), join('c2', 'key-shared', { receiverQueueSize: 1 })],
      publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k5:1'),
      ...[ask('c1', 20), ask('c2', 20), publish('k0:2', 'k1:2', 'k5:2'), close('c2')],
    ],
  },
  {
    name: 'key-shared-one-name',
    intent: 'Consumers of one name each have their own keys.',
    partitionCount: 0,
    operations: [
      ...[join('first', 'key-shared', { consumerName: 'w' }), join('second', 'key-shared', { consumerName: 'w' })],
      ...[ask('first', 9), ask('second', 9), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k5:1', 'k6:1')],
      ...[close('first'), publish('k0:2', 'k1:2')],
    ],
  },
  {
    name: 'keys-empty-and-foreign',
    intent: 'The bytes of a key are hashed, whatever they are: none, one, many, of any alphabet.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 20), ask('c2', 20)],
      ...[
        publish(':1', 'a:1', 'ключ:1', '消费者:1', 'é:1', ' :1', `${LONG_KEY}:1`),
        publish(':2', 'ключ:2', `${LONG_KEY}:2`),
      ],
    ],
  },
  {
    name: 'keys-over-partitions',
    intent: 'The bytes of a key decide about its partition too.',
    partitionCount: 3,
    operations: [
      ...[join('c1', 'key-shared', { receiverQueueSize: 1 }), ask('c1', 20)],
      ...[publish(':1', 'a:1', 'ключ:1', '消费者:1', 'é:1', ' :1', `${LONG_KEY}:1`), ack('c1', ':1', 'ключ:1', 'é:1')],
    ],
  },
];
