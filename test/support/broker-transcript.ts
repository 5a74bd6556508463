/** Conversations with the broker as text: each line that starts with `>` is said, what follows is the answer. */
import { invariant } from '../../shared/model/invariant';
import type { Delivery } from '../../shared/model/message';
import {
  type HashRange,
  type KeySharedPolicy,
  SUBSCRIPTION_TYPES,
  type SubscriptionType,
} from '../../shared/model/subscription';
import { backlog } from '../../shared/simulator/broker';
import type { KeySharedState } from '../../shared/simulator/dispatch-key-shared';
import type { PartitionState } from '../../shared/simulator/partition';
import { hashUnder, rangesUnder } from '../../shared/simulator/sticky-selector';
import type { SubscriptionState } from '../../shared/simulator/subscription';
import { type Asked, BrokerWorld, type Sight, SUBSCRIPTION, TOPIC, type WorldSettings } from './broker-world';

const SUBSCRIBED = { topic: TOPIC, subscription: SUBSCRIPTION };

/**
 * Plays a transcript again and returns it with the answers of today. What stands before the first command is the intent.
 * `a:1..4` is short for `a:1 a:2 a:3 a:4`.
 *
 *     > broker SETTING=VALUE …     other settings than Pulsar's; first, if at all
 *     > topic N                    a topic with N partitions (0: a plain one) and a subscription
 *     > publish a:1 b:1 …          messages; the key stands before the colon
 *     > join C TYPE queue N …      consumer C subscribes with a receiver queue of N; C#2 is another one of the same name;
 *                                  it may ask for level=2, ranges=0-9,20-29, out-of-order
 *     > receive C [N]              the application of C asks for N messages (1)
 *     > ack C a:1 …  > nack C a:1 …  > close C  > wait MS
 *     > ack-up-to C a:1            a cumulative acknowledgement
 *     > drop C  > unload  > restart  > crash  > seek N   (the position, in every partition)
 *     > skip N  > skip-all  > expire MS   (what was published longer ago is given up)
 *     > unsubscribe C  > delete-subscription [force]  > delete-topic [force]
 *     > show                       what the broker knows
 */
export function replayTranscript(text: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('> '));
  const output = lines.slice(0, first);
  const world = new BrokerWorld(settingsIn(lines[first] ?? ''));
  for (const line of lines.slice(first)) {
    if (line.startsWith('> ')) output.push(line, ...answerTo(world, line.slice(2)));
    else if (line === '' || line.startsWith('#')) output.push(line);
  }
  return output.join('\n');
}

function settingsIn(line: string): Partial<WorldSettings> {
  const [command, ...words] = line.split(' ').slice(1);
  if (command !== 'broker') return {};
  return Object.fromEntries(words.map((word) => word.split('=')).map(([name, value]) => [name, Number(value)]));
}

function answerTo(world: BrokerWorld, line: string): string[] {
  const [command = '', ...words] = line.split(' ');
  const seen = world.sights.length;
  const shown = say(world, command, words);
  return [...describeSights(world.sights.slice(seen)), ...shown].map((answer) => `  ${answer}`);
}

function say(world: BrokerWorld, command: string, words: readonly string[]): string[] {
  const [first = '', second = ''] = words;
  switch (command) {
    case 'broker':
      return [];
    case 'topic':
      world.open(Number(first));
      return [];
    case 'publish':
      for (const text of expand(words)) world.publish(text);
      return [];
    case 'join':
      world.join(first, typeOf(second), Number(words[3]), askedIn(words.slice(4)));
      return describeTimers(world);
    case 'receive':
      for (let count = Number(second || 1); count > 0; count -= 1) world.receive(first);
      return [];
    case 'ack':
      for (const text of expand(words.slice(1))) world.ack(first, find(world, text));
      return describeTimers(world);
    case 'nack':
      for (const text of expand(words.slice(1))) world.nack(first, find(world, text));
      return describeTimers(world);
    case 'ack-up-to':
      world.ackCumulative(first, find(world, second));
      return describeTimers(world);
    case 'drop':
      world.drop(first);
      return describeTimers(world);
    case 'unload':
      world.request({ kind: 'unload', topic: TOPIC });
      return describeTimers(world);
    case 'restart':
    case 'crash':
      world.request({ kind: 'restart', losesAcks: command === 'crash' });
      return describeTimers(world);
    case 'seek':
      world.seek(Number(first));
      return describeTimers(world);
    case 'skip':
    case 'skip-all':
      world.request({ kind: 'skip', ...SUBSCRIBED, count: command === 'skip' ? Number(first) : null });
      return describeTimers(world);
    case 'expire':
      world.request({ kind: 'expire', ...SUBSCRIBED, olderThanMs: Number(first) });
      return describeTimers(world);
    case 'delete-subscription':
      world.request({ kind: 'delete-subscription', ...SUBSCRIBED, isForced: first === 'force' });
      return describeTimers(world);
    case 'delete-topic':
      world.request({ kind: 'delete-topic', topic: TOPIC, isForced: first === 'force' });
      return describeTimers(world);
    case 'unsubscribe':
      world.unsubscribe(first);
      return [];
    case 'close':
      world.leave(first);
      return describeTimers(world);
    case 'wait':
      world.wait(Number(first));
      return [];
    case 'show':
      return describeBroker(world);
    default:
      throw new Error(`no such command in a transcript: ${command}`);
  }
}

/** `level=2`, `ranges=0-9,20-29`, `out-of-order`. */
function askedIn(words: readonly string[]): Asked {
  const textAfter = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const allowOutOfOrderDelivery = words.includes('out-of-order');
  const ranges = textAfter('ranges')
    ?.split(',')
    .map((range): HashRange => {
      const [start, end] = range.split('-').map(Number);
      return [start ?? 0, end ?? 0];
    });
  const keyShared: KeySharedPolicy =
    ranges === undefined
      ? { mode: 'auto-split', allowOutOfOrderDelivery }
      : { mode: 'sticky', ranges, allowOutOfOrderDelivery };
  return { priorityLevel: Number(textAfter('level') ?? 0), keyShared };
}

function expand(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const [, key, start, end] = /^(.*):(\d+)\.\.(\d+)$/.exec(word) ?? [];
    if (key === undefined) return [word];
    const count = Number(end) - Number(start) + 1;
    return Array.from({ length: count }, (_, index) => `${key}:${Number(start) + index}`);
  });
}

/** The opposite: runs of at least three. */
function compress(words: readonly string[]): string[] {
  const compressed: string[] = [];
  for (let index = 0; index < words.length; ) {
    const [word = ''] = words.slice(index);
    const length = runLength(words.slice(index));
    compressed.push(length < 3 ? word : `${word}..${Number(word.split(':')[1]) + length - 1}`);
    index += length < 3 ? 1 : length;
  }
  return compressed;
}

function runLength(words: readonly string[]): number {
  const [key, number] = words[0]?.split(':') ?? [];
  let length = 1;
  while (words[length] === `${key}:${Number(number) + length}`) length += 1;
  return length;
}

function typeOf(word: string): SubscriptionType {
  const type = SUBSCRIPTION_TYPES.find((known) => known === word);
  invariant(type !== undefined, `${word} is a subscription type`);
  return type;
}

/** The message of that text, with the id under which anybody may acknowledge it. */
function find(world: BrokerWorld, text: string): Delivery {
  for (const { log } of world.state.topics.get(TOPIC)?.partitions ?? []) {
    const entry = log.find(({ properties }) => properties.text === text);
    if (entry !== undefined) return { ...entry, redeliveryCount: 0 };
  }
  throw new Error(`${text} was never published`);
}

function describeTimers(world: BrokerWorld): string[] {
  return world.dueInMs.map((ms) => `something is due in ${ms} ms`);
}

/** One line per run of messages of one kind to one consumer. */
function describeSights(sights: readonly Sight[]): string[] {
  const lines: { head: string; words: string[] }[] = [];
  for (const sight of sights) {
    const [head, word] = wordsOf(sight);
    const last = lines.at(-1);
    if (last?.head === head) last.words.push(word);
    else lines.push({ head, words: [word] });
  }
  return lines.map(({ head, words }) => [head, ...compress(words)].join(' ').trim());
}

function wordsOf(sight: Sight): [head: string, word: string] {
  switch (sight.kind) {
    case 'sent':
      return [`${sight.consumer} is sent`, wordOf(sight.delivery)];
    case 'received':
      return [`${sight.consumer} takes`, wordOf(sight.delivery)];
    case 'active':
      return [`${sight.consumer} is active`, sight.partition < 0 ? '' : `in partition ${sight.partition}`];
    case 'lost':
      return [`${sight.consumer} is disconnected`, ''];
    case 'refused':
      return [`refused ${sight.code}:`, Object.values(sight.details).join(' ')];
  }
}

/** A redelivery count that is not 0 follows the text as `(+1)`. */
function wordOf({ properties, redeliveryCount }: Delivery): string {
  return `${properties.text}${redeliveryCount === 0 ? '' : `(+${redeliveryCount})`}`;
}

function describeBroker(world: BrokerWorld): string[] {
  const partitions = world.state.topics.get(TOPIC)?.partitions ?? [];
  const lines = partitions.flatMap((partition) => {
    const subscription = partition.subscriptions.get(SUBSCRIPTION);
    return subscription === undefined ? [] : describeSubscription(world, partition, subscription);
  });
  const dead = world.state.topics.get('dead')?.partitions[0]?.log.map(({ properties }) => properties.text) ?? [];
  const buried = dead.length === 0 ? [] : [`dead letters ${dead.join(' ')}`];
  return [...lines, ...buried, `backlog ${backlog(world.state, TOPIC, SUBSCRIPTION) ?? 'of nobody'}`];
}

function describeSubscription(
  world: BrokerWorld,
  partition: PartitionState,
  { consumers, cursor, dispatcher }: SubscriptionState,
): string[] {
  const where = partition.partition < 0 ? '' : `partition ${partition.partition}: `;
  const textAt = (position: number) => partition.log[position]?.properties.text ?? '?';
  const lines = consumers.map(({ id, permits, pending, isBlocked, permitsPutAside }) => {
    const blocked = isBlocked ? `, blocked with ${permitsPutAside} permits put aside` : '';
    return `${world.nameOf(id)}: permits ${permits}${blocked}, pending ${compress([...pending.keys()].map(textAt)).join(' ') || 'nothing'}`;
  });
  lines.push(`read position ${cursor.read} of ${partition.log.length}`);
  if (dispatcher?.kind === 'key-shared') lines.push(...describeKeyShared(world, partition, dispatcher));
  if (dispatcher?.kind === 'key-shared-classic') {
    const joined = [...dispatcher.recentlyJoined].map(([id, position]) => `${world.nameOf(id)} at ${position}`);
    const waiting = [...dispatcher.replay.hashes.keys()].map(textAt);
    lines.push(
      `joined recently ${joined.join(', ') || 'nobody'}`,
      `waiting ${compress(waiting).join(' ') || 'nothing'}`,
    );
  }
  return lines.map((line) => where + line);
}

function describeKeyShared(world: BrokerWorld, { log }: PartitionState, state: KeySharedState): string[] {
  const keyOf = (hash: number) =>
    log.find(({ murmur }) => hashUnder(state.selector, murmur) === hash)?.key ?? `#${hash}`;
  const draining = [...state.draining].map(([hash, { consumerId, referenceCount }]) => {
    return `${keyOf(hash)} at ${world.nameOf(consumerId)} (${referenceCount} left)`;
  });
  const parked = [...state.replay.hashes.keys()].map((position) => log[position]?.properties.text ?? '?');
  const sizes = [...rangesUnder(state.selector)].map(([id, ranges]) => {
    const size = ranges.reduce((sum, [start, end]) => sum + end - start + 1, 0);
    return `${world.nameOf(id)} ${size} hashes in ${ranges.length} ranges`;
  });
  return [
    `draining ${draining.join(', ') || 'nothing'}`,
    `waiting ${compress(parked).join(' ') || 'nothing'}`,
    `ring ${sizes.join(', ')}`,
  ];
}
