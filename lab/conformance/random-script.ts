/**
 * Random scripts: what nobody has thought of, drawn and shrunk by fast-check. A command that does not fit where it stands is
 * left out, so that any of them can be taken away; messages are named by the how-manieth in hand.
 */
import * as fc from 'fast-check';
import type { SubscriptionType } from '../../shared/model/subscription';
import { ask, close, join, kill, type MessageName, type Operation, publish, type Script } from './script';

const CONSUMERS = ['c1', 'c2', 'c3', 'c4'] as const;
/** With these names some keys move with every member, and two of them share a sticky hash. */
const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k355', 'k930'] as const;
/** As many on average as half of these. */
const COMMAND_COUNT_MAX = 20;
/** How often each type is drawn: Key_Shared has most to go wrong. */
const TYPES: readonly { readonly arbitrary: fc.Arbitrary<SubscriptionType>; readonly weight: number }[] = [
  { arbitrary: fc.constant('key-shared'), weight: 12 },
  { arbitrary: fc.constant('shared'), weight: 4 },
  { arbitrary: fc.constant('failover'), weight: 2 },
  { arbitrary: fc.constant('exclusive'), weight: 2 },
];

/** Where a script stands while it is written. */
interface Stage {
  readonly type: SubscriptionType;
  readonly present: Set<string>;
  /** Key → number of its last message. */
  readonly numbers: Map<string, number>;
}

type ScriptCommand = fc.Command<Stage, Operation[]>;

/** Writes operations where `fits` says that they can stand. */
function command(
  text: string,
  fits: (stage: Stage) => boolean,
  write: (stage: Stage) => readonly Operation[],
): ScriptCommand {
  return {
    check: (stage) => fits(stage),
    run: (stage, operations) => void operations.push(...write(stage)),
    toString: () => text,
  };
}

const keys = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 });
/** The how-manieth of those that are there, or are not: so that most commands fit wherever they stand. */
const who = fc.nat(CONSUMERS.length - 1);
const count = fc.integer({ min: 1, max: 4 });
const held = fc.nat(3);

const COMMANDS: fc.Arbitrary<ScriptCommand>[] = [
  ...often(6, keys.map(publishCommand)),
  ...often(3, fc.tuple(who, fc.nat(4)).map(joinCommand)),
  ...often(
    2,
    fc.tuple(who, count).map(([index, asked]) => memberCommand('ask', index, (name) => ask(name, asked))),
  ),
  ...often(
    3,
    fc.tuple(who, held).map((drawn) => heldCommand('ack-held', ...drawn)),
  ),
  ...often(
    2,
    fc.tuple(who, held).map((drawn) => heldCommand('nack-held', ...drawn)),
  ),
  ...often(
    2,
    who.map((index) => leaveCommand('close', index, close)),
  ),
  who.map((index) => leaveCommand('kill', index, kill)),
  fc.constant(unloadCommand()),
];

function often<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T>[] {
  return Array.from({ length: times }, () => arbitrary);
}

/** On Shared one after the other: several at once are split among those who have room by when their sockets are ready. */
function publishCommand(drawn: readonly string[]): ScriptCommand {
  return command(
    `publish ${drawn.join(' ')}`,
    () => true,
    ({ type, numbers }) => {
      const messages = drawn.map((key) => nextMessage(numbers, key));
      return type === 'shared' ? messages.map((message) => publish(message)) : [publish(...messages)];
    },
  );
}

function nextMessage(numbers: Map<string, number>, key: string): MessageName {
  const number = (numbers.get(key) ?? 0) + 1;
  numbers.set(key, number);
  return `${key}:${number}`;
}

/** A second Exclusive consumer is refused, which has a script of its own. */
function joinCommand([index, asked]: readonly [number, number]): ScriptCommand {
  return command(
    `join ${index} ${asked}`,
    ({ type, present }) => present.size < (type === 'exclusive' ? 1 : CONSUMERS.length),
    ({ type, present }) => {
      const consumer = at(
        CONSUMERS.filter((each) => !present.has(each)),
        index,
      );
      present.add(consumer);
      return [join(consumer, type), ...(asked === 0 ? [] : [ask(consumer, asked)])];
    },
  );
}

function memberCommand(kind: string, index: number, operation: (consumer: string) => Operation): ScriptCommand {
  return command(
    `${kind} ${index}`,
    ({ present }) => present.size > 0,
    ({ present }) => [operation(at([...present], index))],
  );
}

function heldCommand(kind: 'ack-held' | 'nack-held', index: number, message: number): ScriptCommand {
  return memberCommand(kind, index, (consumer) => ({ kind, consumer, held: message }));
}

/** On Shared a leaver holds one message at most, for the same reason. */
function leaveCommand(kind: string, index: number, leave: (consumer: string) => Operation): ScriptCommand {
  return command(
    `${kind} ${index}`,
    ({ present }) => present.size > 0,
    ({ type, present }) => {
      const consumer = at([...present], index);
      present.delete(consumer);
      return type === 'shared' ? [{ kind: 'ack-all-but-one', consumer }, leave(consumer)] : [leave(consumer)];
    },
  );
}

function at(names: readonly string[], index: number): string {
  return names[index % names.length] ?? CONSUMERS[0];
}

/** Several consumers come back in an order of their own, which decides who gets what. */
function unloadCommand(): ScriptCommand {
  return command(
    'unload',
    ({ present }) => present.size <= 1,
    () => [{ kind: 'unload-at-rest' }],
  );
}

/** A script in the making: fast-check shrinks its commands, and remembers which of them fitted. */
export interface Draft {
  readonly type: SubscriptionType;
  /** How many messages the first consumer asks for: without one nothing happens. */
  readonly asked: number;
  readonly commands: Iterable<ScriptCommand>;
}

/** `replayPath`: what a shrunk draft printed, to have it again. */
export function drafts(replayPath: string | null = null): fc.Arbitrary<Draft> {
  const commands = fc.commands(COMMANDS, {
    maxCommands: COMMAND_COUNT_MAX,
    size: 'max',
    ...(replayPath === null ? {} : { replayPath }),
  });
  return fc.record({ type: fc.oneof(...TYPES), asked: count, commands });
}

/** The same draft, the same script. */
export function scriptOf(name: string, { type, asked, commands }: Draft): Script {
  const [first] = CONSUMERS;
  const operations: Operation[] = [join(first, type), ask(first, asked)];
  const stage: Stage = { type, present: new Set([first]), numbers: new Map() };
  fc.modelRun(() => ({ model: stage, real: operations }), commands);
  return { name, intent: 'Drawn at random.', partitionCount: 0, operations };
}

/** Of a draft that was shrunk: what leads to it again, beside the seed and fast-check's path. */
export function replayPathOf({ commands }: Draft): string | null {
  return /replayPath="([^"]*)"/.exec(fc.stringify(commands))?.[1] ?? null;
}
