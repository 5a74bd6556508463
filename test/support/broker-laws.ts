/** Laws of the broker, judged from what went in and what came out, not from its state. Each throws when it is broken. */
import { invariant } from '../../shared/model/invariant';
import { murmurHash } from '../../shared/simulator/murmur-hash';
import { stickyHashOf } from '../../shared/simulator/sticky-hash';
import { type BrokerWorld, positionOf } from './broker-world';

interface Sent {
  readonly consumerId: number;
  readonly partition: number;
  readonly position: number;
  readonly hash: number;
}

interface Observer {
  sent(message: Sent): void;
  acked?(partition: number, position: number): void;
  redelivered?(consumerId: number, positions: readonly number[] | null): void;
  left?(consumerId: number): void;
  activeChanged?(partition: number): void;
}

/** Tells the observer what happened, in order. */
function watch({ inputs, answers }: BrokerWorld, observer: Observer): void {
  for (const [index, input] of inputs.entries()) {
    if (input.kind === 'ack') observer.acked?.(input.partition, input.position);
    if (input.kind === 'redeliver') observer.redelivered?.(input.consumerId, input.positions);
    if (input.kind === 'leave') observer.left?.(input.consumerId);
    for (const action of answers[index] ?? []) {
      if (action.kind === 'active-changed') observer.activeChanged?.(action.partition);
      if (action.kind !== 'deliver') continue;
      const { partition, messageId, key } = action.delivery;
      const hash = stickyHashOf(murmurHash(key));
      observer.sent({ consumerId: action.consumerId, partition, position: positionOf(messageId), hash });
    }
  }
}

/** M1: what is not acknowledged of one sticky hash lies at one consumer. */
export function oneHolderPerHash(world: BrokerWorld): void {
  const held = new Map<string, Sent>();
  const release = (gone: (sent: Sent) => boolean) => {
    for (const [id, sent] of held) if (gone(sent)) held.delete(id);
  };
  watch(world, {
    sent: (message) => {
      const { partition, hash, consumerId } = message;
      const others = [...held.values()].filter((other) => other.partition === partition && other.hash === hash);
      holds(
        others.every((other) => other.consumerId === consumerId),
        `hash ${hash} lies at two consumers`,
      );
      held.set(idOf(message), message);
    },
    acked: (partition, position) => held.delete(idOf({ partition, position })),
    left: (id) => release(({ consumerId }) => consumerId === id),
    redelivered: (id, positions) =>
      release(({ consumerId, position }) => consumerId === id && (positions === null || positions.includes(position))),
  });
}

/** M2: without negative acknowledgements, the first deliveries of a hash are in the order of the log. */
export function firstDeliveriesInOrder(world: BrokerWorld): void {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  watch(world, {
    sent: (message) => {
      if (seen.has(idOf(message))) return;
      seen.add(idOf(message));
      const lane = `${message.partition} ${message.hash}`;
      holds((last.get(lane) ?? -1) < message.position, `first delivery of ${idOf(message)} is out of order`);
      last.set(lane, message.position);
    },
  });
}

/** Without negative acknowledgements, one consumer gets the messages of one hash in order, those of a leaver included. */
export function eachConsumerInOrder(world: BrokerWorld): void {
  const last = new Map<string, number>();
  watch(world, {
    sent: ({ consumerId, partition, hash, position }) => {
      const lane = `${consumerId} ${partition} ${hash}`;
      holds((last.get(lane) ?? -1) < position, `consumer ${consumerId} gets ${position} of hash ${hash} out of order`);
      last.set(lane, position);
    },
  });
}

/** Exclusive and Failover: from one change of the active consumer to the next, one consumer gets all, in order. */
export function oneActiveInOrder(world: BrokerWorld): void {
  const turns = new Map<number, { consumerId: number | null; position: number }>();
  watch(world, {
    activeChanged: (partition) => turns.set(partition, { consumerId: null, position: -1 }),
    redelivered: () => {
      for (const [partition, { consumerId }] of turns) turns.set(partition, { consumerId, position: -1 });
    },
    sent: ({ consumerId, partition, position }) => {
      const turn = turns.get(partition);
      holds(turn !== undefined && (turn.consumerId ?? consumerId) === consumerId, 'a consumer is served out of turn');
      holds((turn?.position ?? -1) < position, `entry ${position} comes out of order within one turn`);
      turns.set(partition, { consumerId, position });
    },
  });
}

/** What is acknowledged is not sent again. */
export function nothingAckedIsSent(world: BrokerWorld): void {
  const acked = new Set<string>();
  watch(world, {
    acked: (partition, position) => acked.add(idOf({ partition, position })),
    sent: (message) => holds(!acked.has(idOf(message)), `${idOf(message)} is sent after its acknowledgement`),
  });
}

/** After everything settled: each message was sent to somebody, and acknowledged. */
export function nothingIsLost(world: BrokerWorld): void {
  const sent = new Set<string>();
  const acked = new Set<string>();
  watch(world, {
    sent: (message) => sent.add(idOf(message)),
    acked: (partition, position) => acked.add(idOf({ partition, position })),
  });
  const stored = world.answers.flat().filter((action) => action.kind === 'stored');
  for (const { messageId } of stored) {
    const [, position, partition] = messageId.split(':').map(Number);
    invariant(position !== undefined && partition !== undefined, 'a message id has three parts');
    holds(sent.has(idOf({ partition, position })), `${messageId} was never sent`);
    holds(acked.has(idOf({ partition, position })), `${messageId} waits for ever`);
  }
}

/** No more messages wait at a client than its queue holds, per partition. */
export function queuesHold(world: BrokerWorld): void {
  for (const { name, client } of world.members.values()) {
    const limit = client.settings.receiverQueueSize * client.receivers.length;
    holds(client.queue.length <= limit, `${name} holds ${client.queue.length} messages in a queue of ${limit}`);
  }
}

function idOf({ partition, position }: { readonly partition: number; readonly position: number }): string {
  return `${position}:${partition}`;
}

function holds(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(`broken: ${sentence}`);
}
