/**
 * Conformance script: operations on one topic with one subscription, as plain data. What it must lead to stands nowhere:
 * it is played on the model and on a real broker, and the two are compared.
 */

import type { UnackedLimits } from '../../shared/adapters/pulsar-admin';
import { unreachable } from '../../shared/model/invariant';
import type { SubscriptionType } from '../../shared/model/subscription';

/** Messages are named `key:number`; the number is the position in the order of the key. */
export type MessageName = `${string}:${number}`;

export type Operation =
  /** One after the other, in this order. */
  | { readonly kind: 'publish'; readonly messages: readonly MessageName[] }
  /** A consumer joins under `consumerName`; the script calls it `consumer`. */
  | {
      readonly kind: 'join';
      readonly consumer: string;
      readonly consumerName: string;
      readonly type: SubscriptionType;
      readonly receiverQueueSize: number;
      readonly asked: JoinExtras;
    }
  /** The consumer asks for that many more messages. With a queue of 0 these are its permits. */
  | { readonly kind: 'ask'; readonly consumer: string; readonly count: number }
  | { readonly kind: 'ack'; readonly consumer: string; readonly messages: readonly MessageName[] }
  | { readonly kind: 'nack'; readonly consumer: string; readonly messages: readonly MessageName[] }
  /** Each negatively acknowledged and, before its delay is over, acknowledged. */
  | { readonly kind: 'nack-then-ack'; readonly consumer: string; readonly messages: readonly MessageName[] }
  /** Each negatively acknowledged, and the consumer closed before the delay is over. */
  | { readonly kind: 'nack-then-close'; readonly consumer: string; readonly messages: readonly MessageName[] }
  /** One of the messages that the consumer got and that are neither acknowledged nor given back; none: nothing is done. */
  | { readonly kind: 'ack-held' | 'nack-held'; readonly consumer: string; readonly held: number }
  /** All that it got and that are neither acknowledged nor given back, but the first in the order of the log. */
  | { readonly kind: 'ack-all-but-one'; readonly consumer: string }
  | { readonly kind: 'close'; readonly consumer: string }
  /** Its connection dies as if its process had been killed. */
  | { readonly kind: 'kill'; readonly consumer: string }
  /** The topic is unloaded: everybody is disconnected and comes back. */
  | { readonly kind: 'unload' }
  /**
   * The same, unless somebody waits for a message. With a queue of 0 the Java client inside Pulsar's WebSocket service does not
   * announce after a reconnection that it waits, so that nothing comes until somebody asks again; the model's client does.
   */
  | { readonly kind: 'unload-at-rest' }
  /** The subscription's cursor is set anew: this message comes next. */
  | { readonly kind: 'seek'; readonly message: MessageName }
  /** Long enough for ack time-outs to come true. */
  | { readonly kind: 'wait-for-timeouts' };

export interface Script {
  /** Unique, in kebab-case: part of the name of its topic. */
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly intent: string;
  /** 0: a plain topic. */
  readonly partitionCount: number;
  /** Limits of unacknowledged messages of its topic; default: the broker's. */
  readonly limits?: UnackedLimits;
  readonly operations: readonly Operation[];
}

export function publish(...messages: readonly MessageName[]): Operation {
  return { kind: 'publish', messages };
}

/** What a consumer may ask for beside its type. */
export interface JoinExtras {
  readonly priorityLevel?: number;
  /** Its client gives back what is not acknowledged in time. */
  readonly timesOut?: boolean;
  /** Messages that come more often go to a topic of dead letters. */
  readonly maxRedeliverCount?: number;
}

/** How a consumer joins; by default it gets exactly what it asks for. */
export interface JoinOptions extends JoinExtras {
  /** Default: what the script calls it. */
  readonly consumerName?: string;
  /** Default 0: nothing is prefetched. 1 is the least on several partitions. */
  readonly receiverQueueSize?: number;
}

export function join(
  consumer: string,
  type: SubscriptionType,
  { consumerName = consumer, receiverQueueSize = 0, ...asked }: JoinOptions = {},
): Operation {
  return { kind: 'join', consumer, consumerName, type, receiverQueueSize, asked };
}

export function ask(consumer: string, count: number): Operation {
  return { kind: 'ask', consumer, count };
}

export function ack(consumer: string, ...messages: readonly MessageName[]): Operation {
  return { kind: 'ack', consumer, messages };
}

export function nack(consumer: string, ...messages: readonly MessageName[]): Operation {
  return { kind: 'nack', consumer, messages };
}

export function nackThenAck(consumer: string, ...messages: readonly MessageName[]): Operation {
  return { kind: 'nack-then-ack', consumer, messages };
}

export function nackThenClose(consumer: string, ...messages: readonly MessageName[]): Operation {
  return { kind: 'nack-then-close', consumer, messages };
}

export function close(consumer: string): Operation {
  return { kind: 'close', consumer };
}

export function kill(consumer: string): Operation {
  return { kind: 'kill', consumer };
}

export const UNLOAD: Operation = { kind: 'unload' };

export const WAIT_FOR_TIMEOUTS: Operation = { kind: 'wait-for-timeouts' };

export function seek(message: MessageName): Operation {
  return { kind: 'seek', message };
}

/** The operation as one line for people. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case 'publish':
      return `publish ${operation.messages.join(' ')}`;
    case 'join':
      return joinText(operation);
    case 'ask':
      return `ask ${operation.consumer} ${operation.count}`;
    case 'ack':
    case 'nack':
    case 'nack-then-ack':
    case 'nack-then-close':
      return `${operation.kind} ${operation.consumer} ${operation.messages.join(' ')}`;
    case 'ack-held':
    case 'nack-held':
      return `${operation.kind} ${operation.consumer} ${operation.held}`;
    case 'ack-all-but-one':
    case 'close':
    case 'kill':
      return `${operation.kind} ${operation.consumer}`;
    case 'seek':
      return `seek ${operation.message}`;
    case 'unload':
    case 'unload-at-rest':
    case 'wait-for-timeouts':
      return operation.kind;
    default:
      return unreachable(operation, 'operation of a script');
  }
}

function joinText({ consumer, consumerName, type, receiverQueueSize, asked }: Extract<Operation, { kind: 'join' }>) {
  const name = consumerName === consumer ? '' : ` as ${consumerName}`;
  const extras = Object.entries(asked).map(([key, value]) => ` ${key} ${value}`);
  return `join ${consumer}${name} ${type} queue ${receiverQueueSize}${extras.join('')}`;
}
