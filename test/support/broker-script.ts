/** Random scripts for the broker: commands as data, what they mean in a world, and arbitraries that draw them. */
import fc from 'fast-check';
import type { SubscriptionType } from '../../shared/model/subscription';
import { type BrokerWorld, SUBSCRIPTION, TOPIC } from './broker-world';

const NAMES = ['c1', 'c2', 'c3', 'c4'] as const;

/** Consumers are named by index, messages by the how-manieth of those in hand; both wrap, so every command fits. */
export type Command =
  | { readonly kind: 'publish'; readonly key: string; readonly count: number }
  /** The key of the first decides who gets them all. */
  | { readonly kind: 'publish-batch'; readonly keys: readonly string[] }
  | { readonly kind: 'join'; readonly name: string; readonly receiverQueueSize: number }
  | { readonly kind: 'leave'; readonly consumer: number }
  | { readonly kind: 'receive'; readonly consumer: number; readonly count: number }
  | { readonly kind: 'ack'; readonly consumer: number; readonly message: number }
  | { readonly kind: 'ack-by-another'; readonly consumer: number; readonly message: number }
  /** Of a message that was taken at any time, perhaps by a consumer that is gone. */
  | { readonly kind: 'ack-late'; readonly consumer: number; readonly message: number }
  | { readonly kind: 'nack'; readonly consumer: number; readonly message: number }
  | { readonly kind: 'drop'; readonly consumer: number }
  | { readonly kind: 'unload' | 'restart' | 'crash' }
  /** On several partitions all of them, since a number is refused. */
  | { readonly kind: 'skip'; readonly count: number | null }
  | { readonly kind: 'expire'; readonly olderThanMs: number }
  | { readonly kind: 'wait'; readonly ms: number };

export interface ScriptOptions {
  /** Negative acknowledgements occur. */
  readonly nacks: boolean;
  /** Consumers leave. */
  readonly leaves: boolean;
  /** Connections break, topics are unloaded, the broker restarts or crashes. */
  readonly outages: boolean;
  /** Messages are skipped and expire: default false, since they are lost. */
  readonly skips?: boolean;
  /** Messages of several keys come in one entry: default false. */
  readonly batches?: boolean;
}

const small = fc.nat({ max: 7 });
/** Few keys, so that they contend; k0 and the like spread over any ring of two consumers or more. */
const key = fc.constantFrom('k0', 'k1', 'k2', 'k3', 'a', 'b', 'c');

export function scriptArbitrary({
  nacks,
  leaves,
  outages,
  skips = false,
  batches = false,
}: ScriptOptions): fc.Arbitrary<Command[]> {
  const command = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('publish' as const), key, count: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: batches ? 6 : 0,
      arbitrary: fc.record({
        kind: fc.constant('publish-batch' as const),
        keys: fc.array(key, { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 3, arbitrary: joinArbitrary },
    { weight: leaves ? 2 : 0, arbitrary: fc.record({ kind: fc.constant('leave' as const), consumer: small }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('receive' as const),
        consumer: small,
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ack' as const), consumer: small, message: small }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('ack-by-another' as const), consumer: small, message: small }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('ack-late' as const), consumer: small, message: small }) },
    {
      weight: nacks ? 2 : 0,
      arbitrary: fc.record({ kind: fc.constant('nack' as const), consumer: small, message: small }),
    },
    { weight: outages ? 1 : 0, arbitrary: fc.record({ kind: fc.constant('drop' as const), consumer: small }) },
    {
      weight: outages ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constantFrom('unload' as const, 'restart' as const, 'crash' as const) }),
    },
    {
      weight: skips ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('skip' as const), count: fc.constantFrom(1, 2, 5, null) }),
    },
    {
      weight: skips ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('expire' as const), olderThanMs: fc.constantFrom(0, 50, 500) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 10, 100, 1000) }) },
  );
  return fc.array(command, { minLength: 5, maxLength: 60, size: 'max' });
}

const joinArbitrary = fc.record({
  kind: fc.constant('join' as const),
  name: fc.constantFrom(...NAMES),
  receiverQueueSize: fc.constantFrom(1, 2, 5, 100),
});

/** Does one command. What does not fit (nobody is connected, nothing is in hand) does nothing. */
export function perform(world: BrokerWorld, type: SubscriptionType, command: Command): void {
  switch (command.kind) {
    case 'publish':
      for (let count = 0; count < command.count; count += 1) world.publish(`${command.key}:${world.inputs.length}`);
      return;
    case 'publish-batch':
      world.publishBatch(command.keys.map((each, index) => `${each}:${world.inputs.length}.${index}`));
      return;
    case 'join':
      if (!world.members.has(command.name)) world.join(command.name, type, command.receiverQueueSize);
      return;
    case 'wait':
      world.wait(command.ms);
      return;
    case 'skip':
      world.request({ ...command, topic: TOPIC, subscription: SUBSCRIPTION });
      return;
    case 'expire':
      world.request({ ...command, topic: TOPIC, subscription: SUBSCRIPTION });
      return;
    case 'unload':
      world.request({ kind: 'unload', topic: TOPIC });
      return;
    case 'restart':
    case 'crash':
      world.request({ kind: 'restart', losesAcks: command.kind === 'crash' });
      return;
    default:
      performAt(world, command);
  }
}

type ConsumerCommand = Extract<Command, { readonly consumer: number }>;

function performAt(world: BrokerWorld, command: ConsumerCommand): void {
  const members = [...world.members.values()];
  const member = members[command.consumer % members.length];
  if (member === undefined) return;
  if (command.kind === 'leave') world.leave(member.name);
  else if (command.kind === 'drop') {
    // Who is not connected cannot be cut off.
    if (member.client.isConnected) world.drop(member.name);
  } else if (command.kind === 'ack-late') {
    const taken = world.sights.filter((sight) => sight.kind === 'received');
    const late = taken[taken.length - 1 - command.message];
    if (late !== undefined && member.client.isConnected) world.ack(member.name, late.delivery);
  } else if (command.kind === 'receive') {
    for (let count = 0; count < command.count; count += 1) world.receive(member.name);
  } else {
    const delivery = member.inHand[command.message % member.inHand.length];
    if (delivery === undefined) return;
    const other = members[(command.consumer + 1) % members.length] ?? member;
    const acker = command.kind === 'ack-by-another' ? other : member;
    // Who is not connected would say it with its next connection, which an Exclusive consumer may never get.
    if (command.kind !== 'nack' && acker.client.isConnected) world.ack(acker.name, delivery);
    if (command.kind === 'nack') world.nack(member.name, delivery);
  }
}

/** Partitions where messages, whose owner left without holding anything, wait until Pulsar reads for another reason. */
function missedReads({ state }: BrokerWorld): readonly string[] {
  const partitions = state.topics.get(TOPIC)?.partitions ?? [];
  return partitions
    .filter(({ subscriptions }) =>
      [...subscriptions.values()].some(
        ({ dispatcher }) => dispatcher?.kind === 'key-shared' && dispatcher.waitsForRead,
      ),
    )
    .map(({ partition }) => (partition < 0 ? TOPIC : `${TOPIC}-partition-${partition}`));
}

/**
 * Lets the consumers that are there (or one more, when there is none) take and acknowledge all that they get, until
 * nothing comes any more. What is still not acknowledged then was lost, or waits for ever.
 */
export function settle(world: BrokerWorld, type: SubscriptionType): void {
  if (world.members.size === 0) world.join('last', type, 5);
  for (let idleRounds = 0; idleRounds < 3; idleRounds += 1) {
    world.wait(2000);
    for (const { name, inHand, client } of world.members.values()) {
      // Its place is taken, so what it holds goes to another.
      if (!client.isConnected) inHand.length = 0;
      while (client.queue.length > 0) world.receive(name);
      if (inHand.length > 0) idleRounds = 0;
      for (const delivery of [...inHand]) world.ack(name, delivery);
    }
    for (const topic of missedReads(world)) {
      idleRounds = 0;
      world.request({ kind: 'publish', topic, message: { key: 'nudge', payload: new Uint8Array(), properties: {} } });
    }
  }
}
