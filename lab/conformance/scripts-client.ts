/** What clients add: time-outs, dead letters, priority levels; and the limits of unacknowledged messages. */
import { ack, ask, close, join, kill, nack, publish, type Script, WAIT_FOR_TIMEOUTS } from './script';

const level = (priorityLevel: number) => ({ priorityLevel });
const buriedAfter = (maxRedeliverCount: number) => ({ maxRedeliverCount, receiverQueueSize: 2 });
const FIVE_EACH = { perConsumerMax: 5, perSubscriptionMax: 0 };
const FOUR_TOGETHER = { perConsumerMax: 0, perSubscriptionMax: 4 };

export const CLIENT_SCRIPTS: readonly Script[] = [
  {
    name: 'ack-timeout-key-shared',
    intent: 'What the application holds for too long comes again with its count, behind later messages of its key.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', { timesOut: true }), publish('k0:1', 'k0:2', 'k0:3'), ask('c1', 2)],
      ...[ack('c1', 'k0:2'), WAIT_FOR_TIMEOUTS, ask('c1', 2), ack('c1', 'k0:1', 'k0:3')],
    ],
  },
  {
    name: 'ack-timeout-shared',
    intent: 'On Shared a message that timed out goes to whoever has room, before new ones.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', { timesOut: true }), publish('a:1', 'a:2', 'a:3'), ask('c1', 1), join('c2', 'shared')],
      ...[WAIT_FOR_TIMEOUTS, ask('c2', 2), ack('c2', 'a:1', 'a:2')],
    ],
  },
  {
    name: 'ack-timeout-exclusive',
    intent: 'On Exclusive one message that timed out brings everything unacknowledged back, without a count.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive', { timesOut: true }), publish('a:1', 'a:2'), ask('c1', 2), ack('c1', 'a:2')],
      ...[publish('a:3'), WAIT_FOR_TIMEOUTS, ask('c1', 2), ack('c1', 'a:1', 'a:3')],
    ],
  },
  {
    name: 'ack-timeout-ends-drain',
    intent: 'A message that timed out at the old owner of its hash ends the drain.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', { timesOut: true }), publish('k2:1'), ask('c1', 1), join('c2', 'key-shared')],
      ...[ask('c2', 3), publish('k2:2'), WAIT_FOR_TIMEOUTS, ack('c2', 'k2:1', 'k2:2')],
    ],
  },
  {
    name: 'dead-letter-by-nack',
    intent: 'With at most two redeliveries the application sees a message three times; given back again it is buried.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', buriedAfter(2)), publish('k0:1', 'k0:2'), ask('c1', 2), ack('c1', 'k0:2')],
      ...[nack('c1', 'k0:1'), ask('c1', 1), nack('c1', 'k0:1'), ask('c1', 1), nack('c1', 'k0:1'), publish('k0:3')],
    ],
  },
  {
    name: 'dead-letter-without-room',
    intent: 'A message that had its last chance and is given back is not buried before it comes once more.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', { maxRedeliverCount: 1 }), publish('a:1'), ask('c1', 2), nack('c1', 'a:1')],
      ...[nack('c1', 'a:1'), ask('c1', 1), publish('a:2')],
    ],
  },
  {
    name: 'dead-letter-by-timeout',
    intent: 'A message that had its last chance and timed out is buried at once, without coming again.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', { maxRedeliverCount: 1, timesOut: true }), publish('a:1'), ask('c1', 1)],
      ...[WAIT_FOR_TIMEOUTS, ask('c1', 1), WAIT_FOR_TIMEOUTS, ask('c1', 1), publish('a:2'), ack('c1', 'a:2')],
    ],
  },
  {
    name: 'dead-letter-shared',
    intent: 'On Shared the count is the message’s, whoever had it before.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', buriedAfter(1)), publish('a:1'), ask('c1', 1)],
      ...[join('c2', 'shared', buriedAfter(1)), ask('c2', 1), nack('c1', 'a:1'), nack('c2', 'a:1')],
      publish('a:2'),
    ],
  },
  {
    name: 'dead-letter-acknowledged',
    intent: 'A message that is acknowledged at its last chance is no dead letter.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', buriedAfter(1)), publish('a:1'), ask('c1', 1), nack('c1', 'a:1')],
      ...[ask('c1', 1), ack('c1', 'a:1'), publish('a:2'), ask('c1', 1)],
    ],
  },
  {
    name: 'dead-letter-kill',
    intent: 'The death of a consumer counts for nothing: a message that kills its consumers is never buried.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', buriedAfter(1)), join('c2', 'key-shared', buriedAfter(1))],
      ...[publish('k0:1'), ask('c1', 1), ask('c2', 1), kill('c1'), join('c1', 'key-shared', buriedAfter(1))],
      ...[ask('c1', 1), kill('c2'), kill('c1')],
    ],
  },
  {
    name: 'dead-letter-exclusive',
    intent: 'On Exclusive nothing is ever buried, since nothing is counted.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive', buriedAfter(1)), publish('a:1'), ask('c1', 1), nack('c1', 'a:1')],
      ...[ask('c1', 1), nack('c1', 'a:1'), ask('c1', 1), nack('c1', 'a:1'), ask('c1', 1)],
    ],
  },
  {
    name: 'priority-shared',
    intent: 'Shared serves the best level first, round robin; the worse one when nobody better has room.',
    partitionCount: 0,
    operations: [
      ...[join('d', 'shared', level(1)), join('e', 'shared', level(1)), join('a', 'shared'), join('b', 'shared')],
      ...[join('c', 'shared'), ask('a', 2), ask('b', 1), ask('c', 1), ask('d', 2), ask('e', 1)],
      ...[publish('x:1'), publish('x:2'), publish('x:3'), publish('x:4'), publish('x:5'), publish('x:6')],
      ...[publish('x:7'), publish('x:8')],
    ],
  },
  {
    name: 'priority-shared-returns',
    intent: 'Somebody of a better level who asks again is served before a worse level goes on.',
    partitionCount: 0,
    operations: [
      ...[join('a', 'shared', level(0)), join('b', 'shared', level(2)), join('c', 'shared', level(1)), ask('b', 3)],
      ...[ask('c', 2), publish('x:1'), publish('x:2'), publish('x:3'), ask('a', 1), publish('x:4'), publish('x:5')],
      ...[ask('c', 1), publish('x:6')],
    ],
  },
  {
    name: 'priority-failover',
    intent: 'Only consumers of the best level are candidates on Failover, whatever their names.',
    partitionCount: 1,
    operations: [
      ...[join('a', 'failover', { receiverQueueSize: 1, ...level(1) }), ask('a', 5), publish('k0:1')],
      ...[join('b', 'failover', { receiverQueueSize: 1 }), ask('b', 5), publish('k0:2'), close('b'), publish('k0:3')],
    ],
  },
  {
    name: 'priority-failover-plain',
    intent: 'On a plain topic the ring is made of the best level only.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'failover', level(1)), join('c2', 'failover', level(1)), join('c3', 'failover', level(1))],
      ...[join('c4', 'failover'), join('c5', 'failover'), close('c4'), close('c5'), join('c6', 'failover', level(2))],
    ],
  },
  {
    name: 'priority-key-shared-ignored',
    intent: 'Key_Shared ignores priority levels.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', level(3)), join('c2', 'key-shared', level(0)), ask('c1', 5), ask('c2', 5)],
      publish('k0:1', 'k1:1', 'k3:1', 'k2:1'),
    ],
  },
  {
    name: 'unacked-limit-consumer',
    intent: 'A consumer at its limit gets nothing until it holds half as many.',
    partitionCount: 0,
    limits: FIVE_EACH,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 9), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6', 'a:7')],
      ...[ack('c1', 'a:1', 'a:2'), ask('c1', 2), ack('c1', 'a:3'), publish('a:8')],
    ],
  },
  {
    name: 'unacked-limit-other-consumer',
    intent: 'Another consumer is served while one is at its limit, and what that one gives back goes there.',
    partitionCount: 0,
    limits: FIVE_EACH,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 8), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6')],
      ...[join('c2', 'shared'), ask('c2', 1), publish('a:7'), ask('c2', 1), kill('c1'), ask('c2', 2)],
    ],
  },
  {
    name: 'unacked-limit-key-shared',
    intent: 'On Key_Shared the messages of a consumer at its limit wait for it; those of another go on.',
    partitionCount: 0,
    limits: FIVE_EACH,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 8), ask('c2', 8)],
      ...[publish('k0:1', 'k0:2', 'k3:1', 'k0:3', 'k7:1', 'k0:4', 'k1:1', 'k3:2'), ack('c1', 'k0:1', 'k0:2')],
      ...[publish('k1:2'), ack('c1', 'k7:1')],
    ],
  },
  {
    name: 'unacked-limit-subscription',
    intent: 'At the limit of a subscription nothing new is read until its consumers hold fewer than half as many.',
    partitionCount: 0,
    limits: FOUR_TOGETHER,
    operations: [
      ...[join('c1', 'key-shared'), join('c2', 'key-shared'), ask('c1', 6), ask('c2', 6)],
      ...[publish('k0:1'), publish('k1:1'), publish('k0:2'), publish('k1:2'), publish('k0:3'), publish('k1:3')],
      ...[ack('c1', 'k0:1'), ack('c2', 'k1:1'), ack('c1', 'k0:2'), ack('c2', 'k1:2')],
    ],
  },
  {
    name: 'ack-timeout-failover',
    intent: 'On Failover too one message that timed out brings everything unacknowledged back, without a count.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'failover', { timesOut: true }), publish('a:1', 'a:2', 'a:3'), ask('c1', 3), ack('c1', 'a:2')],
      ...[WAIT_FOR_TIMEOUTS, ask('c1', 2), ack('c1', 'a:1', 'a:3')],
    ],
  },
  {
    name: 'dead-letter-failover',
    intent: 'On Failover nothing is ever buried either.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'failover', buriedAfter(1)), publish('a:1'), ask('c1', 1), nack('c1', 'a:1')],
      ...[ask('c1', 1), nack('c1', 'a:1'), ask('c1', 1), nack('c1', 'a:1'), ask('c1', 1), ack('c1', 'a:1')],
    ],
  },
  {
    name: 'unacked-limit-exclusive',
    intent: 'The limits do not concern an Exclusive consumer.',
    partitionCount: 0,
    limits: { perConsumerMax: 2, perSubscriptionMax: 3 },
    operations: [
      ...[join('c1', 'exclusive'), ask('c1', 6), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5'), ack('c1', 'a:1')],
      publish('a:6'),
    ],
  },
  {
    name: 'unacked-limit-failover',
    intent: 'Nor those of Failover.',
    partitionCount: 1,
    limits: { perConsumerMax: 2, perSubscriptionMax: 3 },
    operations: [
      ...[join('a', 'failover', { receiverQueueSize: 1 }), ask('a', 6)],
      ...[publish('k0:1', 'k0:2', 'k0:3', 'k0:4', 'k0:5'), ack('a', 'k0:2'), publish('k0:6')],
    ],
  },
  {
    name: 'unacked-limit-redeliveries-go-on',
    intent: 'At the limit of a subscription what comes back is still delivered, and nothing new is.',
    partitionCount: 0,
    limits: FOUR_TOGETHER,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 4), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5'), join('c2', 'shared')],
      ...[ask('c2', 1), nack('c1', 'a:3'), ask('c2', 2), ack('c1', 'a:1', 'a:2'), ack('c2', 'a:3')],
    ],
  },
  {
    name: 'unacked-limit-asks-meanwhile',
    intent: 'What a consumer at its limit asks for is put aside, and given once it holds half as many.',
    partitionCount: 0,
    limits: FIVE_EACH,
    operations: [
      ...[join('c1', 'shared'), ask('c1', 5), publish('a:1', 'a:2', 'a:3', 'a:4', 'a:5', 'a:6', 'a:7', 'a:8')],
      ...[ask('c1', 2), ack('c1', 'a:1', 'a:2'), ack('c1', 'a:3'), ask('c1', 1)],
    ],
  },
];
