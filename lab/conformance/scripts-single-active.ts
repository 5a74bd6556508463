/** Exclusive and Failover: one consumer at a time. On one partition the first name in order is served. */
import { ack, ask, close, join, kill, nack, nackThenAck, publish, type Script } from './script';

const QUEUE_OF_ONE = { receiverQueueSize: 1 };

export const SINGLE_ACTIVE_SCRIPTS: readonly Script[] = [
  {
    name: 'exclusive-second-consumer',
    intent: 'A second consumer is refused until the first has gone, and then gets what is unacknowledged.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive'), join('c2', 'exclusive'), publish('a:1', 'b:1', 'a:2'), ask('c1', 2)],
      ...[ack('c1', 'a:1'), close('c1'), join('c2', 'exclusive'), ask('c2', 3), join('c1', 'failover')],
    ],
  },
  {
    name: 'exclusive-nack-rewinds',
    intent: 'One negative acknowledgement brings back everything unacknowledged, and no count tells of it.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive'), publish('a:1', 'a:2', 'a:3'), ask('c1', 9), nack('c1', 'a:2')],
      ...[ack('c1', 'a:1', 'a:3'), nack('c1', 'a:2'), publish('a:4')],
    ],
  },
  {
    name: 'exclusive-nack-then-ack',
    intent: 'An acknowledgement after the negative one does not take it back: all the rest comes again.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive'), publish('a:1', 'a:2', 'a:3'), ask('c1', 6), nackThenAck('c1', 'a:2')],
      ...[ack('c1', 'a:1'), publish('a:4')],
    ],
  },
  {
    name: 'exclusive-holes',
    intent: 'After a kill the next consumer gets the unacknowledged messages between acknowledged ones.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive'), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5'), ask('c1', 5), ack('c1', 'a:4', 'a:2')],
      ...[kill('c1'), join('c2', 'exclusive'), ask('c2', 9), publish('a:6')],
    ],
  },
  {
    name: 'failover-nack-then-ack',
    intent: 'The same on Failover.',
    partitionCount: 1,
    operations: [
      ...[join('a', 'failover', QUEUE_OF_ONE), ask('a', 9), publish('k0:1', 'k0:2'), nackThenAck('a', 'k0:1')],
      ack('a', 'k0:2'),
    ],
  },
  {
    name: 'failover-take-over',
    intent:
      'Who comes later with an earlier name takes over, with everything unacknowledged; late acknowledgements count.',
    partitionCount: 1,
    operations: [
      ...[join('b', 'failover', QUEUE_OF_ONE), ask('b', 9), publish('k0:1', 'k1:1', 'k0:2'), ack('b', 'k0:1')],
      ...[join('a', 'failover', QUEUE_OF_ONE), ask('a', 9), publish('k0:3'), ack('b', 'k1:1'), close('a')],
      publish('k1:2'),
    ],
  },
  {
    name: 'failover-kill',
    intent: 'When the active consumer dies the next one gets everything unacknowledged, in order.',
    partitionCount: 1,
    operations: [
      ...[join('a', 'failover', QUEUE_OF_ONE), join('b', 'failover', QUEUE_OF_ONE), ask('a', 9), ask('b', 9)],
      ...[publish('k0:1', 'k0:2', 'k1:1'), ack('a', 'k0:2'), kill('a'), publish('k0:3')],
    ],
  },
  {
    name: 'failover-plain-topic',
    intent: 'On a plain topic a ring over the topic’s full name chooses.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'failover'), ask('c1', 20), publish('a:1'), join('c2', 'failover'), ask('c2', 20)],
      ...[join('c3', 'failover'), ask('c3', 20), publish('a:2'), join('c4', 'failover'), ask('c4', 20)],
      ...[close('c2'), publish('a:3'), close('c1')],
    ],
  },
  {
    name: 'failover-two-partitions',
    intent: 'Partitions go round the names; a newcomer moves some of them.',
    partitionCount: 2,
    operations: [
      ...[join('b', 'failover', QUEUE_OF_ONE), ask('b', 20), publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1')],
      ...[join('c', 'failover', QUEUE_OF_ONE), ask('c', 20), join('a', 'failover', QUEUE_OF_ONE), ask('a', 20)],
      ...[publish('k0:2', 'k1:2'), kill('b')],
    ],
  },
  {
    name: 'failover-nack',
    intent: 'A negative acknowledgement by the active consumer rewinds; one by another does nothing.',
    partitionCount: 1,
    operations: [
      ...[join('b', 'failover', QUEUE_OF_ONE), ask('b', 9), publish('k0:1', 'k0:2'), nack('b', 'k0:2')],
      ...[join('a', 'failover', QUEUE_OF_ONE), ask('a', 9), nack('b', 'k0:1'), nack('a', 'k0:1')],
    ],
  },
  {
    name: 'failover-five-partitions',
    intent: 'Five partitions go round two names, and then round three.',
    partitionCount: 5,
    operations: [
      ...[join('b', 'failover', QUEUE_OF_ONE), join('c', 'failover', QUEUE_OF_ONE), ask('b', 20), ask('c', 20)],
      publish('k0:1', 'k1:1', 'k2:1', 'k3:1', 'k4:1', 'k5:1', 'k6:1', 'k7:1'),
      ...[join('a', 'failover', QUEUE_OF_ONE), ask('a', 20), publish('k0:2', 'k3:2', 'k7:2'), close('c')],
    ],
  },
  {
    name: 'failover-one-name',
    intent: 'Of two consumers of one name the one that came first is served.',
    partitionCount: 1,
    operations: [
      ...[join('first', 'failover', { consumerName: 'worker', ...QUEUE_OF_ONE }), ask('first', 5)],
      ...[join('second', 'failover', { consumerName: 'worker', ...QUEUE_OF_ONE }), ask('second', 5)],
      ...[publish('k0:1', 'k0:2'), ack('first', 'k0:1'), close('first'), publish('k0:3')],
    ],
  },
];
