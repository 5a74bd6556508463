/**
 * Random scripts: what nobody has thought of. Every command fits wherever it stands, so that any of them can be left out
 * when a difference is shrunk: messages are named by the how-manieth in hand, and commands of absent consumers are dropped.
 */
import type { Random } from '../../shared/ports';
import { ask, close, join, kill, type MessageName, type Operation, publish, type Script } from './script';

const CONSUMERS = ['c1', 'c2', 'c3', 'c4'] as const;
/** With these names some keys move with every member, and two of them share a sticky hash. */
const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k355', 'k930'] as const;
const COMMAND_COUNT_MIN = 6;
const COMMAND_COUNT_SPREAD = 8;
/** Of 20 scripts. Shared is not among them: who is next depends on sockets as soon as several messages wait. */
const EXCLUSIVE_SHARE = 2;
const FAILOVER_SHARE = 2;

/** A consumer that joins, asks, takes or goes; a message, whose number is given when it is published. */
export type Command =
  | { readonly kind: 'publish'; readonly keys: readonly string[] }
  | Extract<Operation, { readonly consumer: string }>;

/** The same random numbers, the same script. */
export function randomCommands(random: Random): readonly Command[] {
  const share = random.below(20);
  const type =
    share < EXCLUSIVE_SHARE ? 'exclusive' : share < EXCLUSIVE_SHARE + FAILOVER_SHARE ? 'failover' : 'key-shared';
  const count = COMMAND_COUNT_MIN + random.below(COMMAND_COUNT_SPREAD);
  const first = oneOf(random, CONSUMERS);
  const start: Command[] = [join(first, type) as Command, ask(first, 1 + random.below(4)) as Command];
  return [...start, ...Array.from({ length: count }, () => randomCommand(random, type))];
}

function randomCommand(random: Random, type: 'exclusive' | 'failover' | 'key-shared'): Command {
  const consumer = oneOf(random, CONSUMERS);
  const held = random.below(4);
  const draw = random.below(20);
  if (draw < 6)
    return { kind: 'publish', keys: Array.from({ length: 1 + random.below(3) }, () => oneOf(random, KEYS)) };
  if (draw < 9) return join(consumer, type) as Command;
  if (draw < 12) return ask(consumer, 1 + random.below(4)) as Command;
  if (draw < 15) return { kind: 'ack-held', consumer, held };
  if (draw < 17) return { kind: 'nack-held', consumer, held };
  return (draw < 19 ? close(consumer) : kill(consumer)) as Command;
}

function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random.below(items.length)] ?? items[0];
}

/** The commands as a script: messages are numbered, and what does not fit is left out. */
export function scriptOf(name: string, commands: readonly Command[]): Script {
  const present = new Set<string>();
  const numbers = new Map<string, number>();
  const operations = commands.flatMap((command): Operation[] => {
    if (command.kind === 'publish') return [publish(...command.keys.map((key) => nextMessage(numbers, key)))];
    const isThere = present.has(command.consumer);
    // A second Exclusive consumer is refused, and is not there then.
    if (command.kind === 'join') {
      const isRefused = isThere || (command.type === 'exclusive' && present.size > 0);
      if (!isRefused) present.add(command.consumer);
      return isRefused ? [] : [command];
    }
    if (command.kind === 'close' || command.kind === 'kill') present.delete(command.consumer);
    return isThere ? [command] : [];
  });
  return { name, intent: 'Drawn at random.', partitionCount: 0, operations };
}

function nextMessage(numbers: Map<string, number>, key: string): MessageName {
  const number = (numbers.get(key) ?? 0) + 1;
  numbers.set(key, number);
  return `${key}:${number}`;
}

/** Members that come and go under random names; the hash ranges are compared after each of the steps. */
export function randomMembers(random: Random, name: string, stepCount: number): Script {
  const present: string[] = [];
  const operations = Array.from({ length: stepCount }, (_, step): Operation => {
    const leaves = present.length > 0 && (present.length >= 7 || random.below(5) < 2);
    if (leaves) return close(present.splice(random.below(present.length), 1)[0] ?? '');
    const consumer = `m${step}`;
    present.push(consumer);
    return join(consumer, 'key-shared', { consumerName: randomName(random) });
  });
  return { name, intent: 'Members drawn at random.', partitionCount: 0, operations };
}

/** Some names come twice, some are long, some are not of this alphabet. */
function randomName(random: Random): string {
  const length = 1 + random.below(random.below(4) === 0 ? 40 : 3);
  const alphabet = oneOf(random, ['ab', 'abcdefghijklmnopqrstuvwxyz0123456789-_.', 'äßжш中文あ']);
  const letters = Array.from(alphabet);
  return Array.from({ length }, () => letters[random.below(letters.length)] ?? '').join('');
}
