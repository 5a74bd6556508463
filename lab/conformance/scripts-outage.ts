/** Outages: everybody is disconnected and comes back, and the broker has forgotten who held what. */
import { ack, ask, close, join, kill, nack, publish, type Script, seek, UNLOAD } from './script';

const QUEUE_OF_TWO = { receiverQueueSize: 2 };

export const OUTAGE_SCRIPTS: readonly Script[] = [
  {
    name: 'unload-key-shared',
    intent: 'After an unload all that is not acknowledged comes again, counted from 0, to a consumer that is the same.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', QUEUE_OF_TWO), publish('k0:1', 'k0:2', 'k1:1'), ask('c1', 3), nack('c1', 'k0:2')],
      ...[ask('c1', 1), ack('c1', 'k1:1'), UNLOAD, ask('c1', 3), ack('c1', 'k0:1', 'k0:2'), publish('k0:3')],
    ],
  },
  {
    name: 'unload-shared',
    intent: 'The same on Shared.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared', QUEUE_OF_TWO), publish('a:1', 'a:2', 'a:3'), ask('c1', 3), ack('c1', 'a:2')],
      ...[nack('c1', 'a:3'), ask('c1', 1), UNLOAD, ask('c1', 4), publish('a:4'), ack('c1', 'a:1', 'a:3', 'a:4')],
    ],
  },
  {
    name: 'unload-exclusive',
    intent: 'The same on Exclusive, where an acknowledgement with an id of before the unload counts.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive', QUEUE_OF_TWO), publish('a:1', 'a:2', 'a:3'), ask('c1', 3), ack('c1', 'a:2')],
      ...[UNLOAD, ack('c1', 'a:1'), ask('c1', 2), ack('c1', 'a:3'), publish('a:4')],
    ],
  },
  {
    name: 'unload-failover',
    intent: 'On Failover the same consumer is active again after its delay, and gets everything unacknowledged.',
    partitionCount: 1,
    operations: [
      ...[join('a', 'failover', QUEUE_OF_TWO), publish('k0:1', 'k0:2'), ask('a', 2), ack('a', 'k0:1')],
      ...[UNLOAD, ask('a', 3), publish('k0:3'), ack('a', 'k0:2', 'k0:3')],
    ],
  },
  {
    name: 'unload-empty',
    intent: 'An unload of a topic without consumers keeps the cursor, holes included.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), publish('a:1', 'a:2', 'a:3', 'a:4'), ask('c1', 4), ack('c1', 'a:1', 'a:3')],
      ...[kill('c1'), UNLOAD, publish('a:5'), join('c2', 'shared'), ask('c2', 5)],
    ],
  },
  {
    name: 'seek-back',
    intent: 'A cursor that is set back forgets the acknowledgements behind it, and redelivery counts.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared', QUEUE_OF_TWO), publish('k0:1', 'k0:2', 'k0:3', 'k1:1'), ask('c1', 4)],
      ...[nack('c1', 'k0:3'), ask('c1', 1), ack('c1', 'k0:1', 'k0:2', 'k1:1'), seek('k0:2'), ask('c1', 4)],
      ack('c1', 'k0:2', 'k0:3', 'k1:1'),
    ],
  },
  {
    name: 'seek-ahead',
    intent: 'What a cursor skips counts as acknowledged.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive'), publish('a:1', 'a:2', 'a:3', 'a:4'), ask('c1', 1), close('c1'), seek('a:3')],
      ...[join('c1', 'exclusive'), ask('c1', 3), publish('a:5')],
    ],
  },
  {
    name: 'seek-without-consumers',
    intent: 'A cursor can be set while nobody is connected.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'shared'), publish('a:1', 'a:2', 'a:3'), ask('c1', 3), ack('c1', 'a:1', 'a:3'), close('c1')],
      ...[seek('a:2'), join('c2', 'shared'), ask('c2', 5)],
    ],
  },
  {
    name: 'unload-ends-drains',
    intent: 'After an unload nobody remembers who still works on a hash: its owner of now gets everything at once.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1', 'k2:2'), ask('c1', 2), join('c2', 'key-shared'), publish('k2:3')],
      ...[UNLOAD, ask('c2', 4), ask('c1', 2), publish('k0:1')],
    ],
  },
  {
    name: 'seek-ends-drains',
    intent: 'A cursor that is set anew ends drains too.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'key-shared'), publish('k2:1', 'k2:2'), ask('c1', 2), ack('c1', 'k2:1'), join('c2', 'key-shared')],
      ...[seek('k2:1'), ask('c2', 3), ask('c1', 1), publish('k0:1')],
    ],
  },
  {
    name: 'seek-exclusive',
    intent:
      'An Exclusive consumer that is connected comes back and gets the log from there, whatever it has acknowledged.',
    partitionCount: 0,
    operations: [
      ...[join('c1', 'exclusive', QUEUE_OF_TWO), publish('a:1', 'a:2', 'a:3'), ask('c1', 3), ack('c1', 'a:1', 'a:3')],
      ...[seek('a:1'), ask('c1', 4), ack('c1', 'a:2'), publish('a:4')],
    ],
  },
];
