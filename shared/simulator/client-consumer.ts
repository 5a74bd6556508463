/**
 * The consuming client as a state machine: receiver queue, permits and the timer of negative acknowledgements. The
 * broker knows nothing of these (pulsar-semantics 1.1, 4.2); Pulsar's client libraries do exactly this.
 */
import { invariant, unreachable } from '../model/invariant';
import type { Delivery } from '../model/message';
import type { SubscriptionType } from '../model/subscription';
import type { LogName } from './broker-action';
import type { BrokerRequest } from './broker-input';

export interface ClientSettings {
  readonly consumerId: number;
  readonly type: SubscriptionType;
  /** Messages that may wait here per partition. 0: one is asked for per receive. */
  readonly receiverQueueSize: number;
  /** From a negative acknowledgement to the redeliver request, milliseconds. */
  readonly negativeAckDelayMs: number;
}

/** One partition that the consumer listens to. */
interface Receiver extends LogName {
  /** Messages taken by the application since the last flow. */
  takenCount: number;
  /** Negatively acknowledged position → when the broker is told. */
  readonly negativeAcks: Map<number, number>;
  /** When the broker is told of the latest group of them; null: there was none. */
  groupDueMs: number | null;
}

/**
 * Groups of negative acknowledgements within one delay. Pulsar's clients look at theirs that often, so messages that
 * are given back one right after the other come again by one request, in the order of the log.
 */
const GROUPS_PER_DELAY = 3;

export interface ClientState {
  readonly settings: ClientSettings;
  readonly receivers: readonly Receiver[];
  /** Messages that the application has not taken, in order of arrival over all partitions. */
  readonly queue: Delivery[];
  /** Receive calls that wait for a message. */
  waitingCount: number;
}

export type ClientInput =
  | { readonly kind: 'open' }
  | { readonly kind: 'arrived'; readonly delivery: Delivery }
  | { readonly kind: 'receive' }
  | { readonly kind: 'ack'; readonly partition: number; readonly position: number }
  | { readonly kind: 'nack'; readonly partition: number; readonly position: number; readonly nowMs: number }
  | { readonly kind: 'tick'; readonly nowMs: number };

export type ClientAction =
  /** Answers the receive call that has waited longest. */
  | { readonly kind: 'hand-over'; readonly delivery: Delivery }
  | { readonly kind: 'send'; readonly request: BrokerRequest }
  | { readonly kind: 'wake-at'; readonly atMs: number };

export function createClient(settings: ClientSettings, logs: readonly LogName[]): ClientState {
  const receivers = logs.map((log) => ({ ...log, takenCount: 0, negativeAcks: new Map(), groupDueMs: null }));
  return { settings, receivers, queue: [], waitingCount: 0 };
}

/** Applies one input and returns what the shell must do, in order. */
export function stepClient(state: ClientState, input: ClientInput): ClientAction[] {
  switch (input.kind) {
    case 'open':
      return state.settings.receiverQueueSize === 0 ? [] : flowAll(state, state.settings.receiverQueueSize);
    case 'arrived':
      return arrive(state, input.delivery);
    case 'receive':
      return receive(state);
    case 'ack':
      return ack(state, input.partition, input.position);
    case 'nack':
      return negativeAck(state, input.partition, input.position, input.nowMs);
    case 'tick':
      return state.receivers.flatMap((receiver) => redeliverDue(state, receiver, input.nowMs));
    default:
      return unreachable(input, 'client input');
  }
}

function flowAll(state: ClientState, permits: number): ClientAction[] {
  return state.receivers.map(({ partition }) => send(state, { kind: 'flow', partition, permits }));
}

type PartitionRequest = Extract<BrokerRequest, { partition: number }>;
type WithoutConsumer<T> = T extends PartitionRequest ? Omit<T, 'consumerId'> : never;

function send(state: ClientState, request: WithoutConsumer<PartitionRequest>): ClientAction {
  return { kind: 'send', request: { ...request, consumerId: state.settings.consumerId } };
}

function arrive(state: ClientState, delivery: Delivery): ClientAction[] {
  if (state.waitingCount > 0) {
    state.waitingCount -= 1;
    return handOver(state, delivery);
  }
  state.queue.push(delivery);
  return [];
}

function receive(state: ClientState): ClientAction[] {
  const delivery = state.queue.shift();
  if (delivery !== undefined) return handOver(state, delivery);
  state.waitingCount += 1;
  return state.settings.receiverQueueSize === 0 ? flowAll(state, 1) : [];
}

function handOver(state: ClientState, delivery: Delivery): ClientAction[] {
  return [{ kind: 'hand-over', delivery }, ...countTaken(state, receiverAt(state, delivery.partition), 1)];
}

function receiverAt(state: ClientState, partition: number): Receiver {
  const { receivers } = state;
  const receiver = receivers.length === 1 ? receivers[0] : receivers[Math.max(partition, 0)];
  invariant(receiver?.partition === partition, 'messages come from partitions that the consumer listens to');
  return receiver;
}

/** Room is announced when half of the queue was taken, all of it at once. */
function countTaken(state: ClientState, receiver: Receiver, count: number): ClientAction[] {
  const { receiverQueueSize } = state.settings;
  if (receiverQueueSize === 0) return [];
  receiver.takenCount += count;
  if (receiver.takenCount < Math.floor(receiverQueueSize / 2)) return [];
  const permits = receiver.takenCount;
  receiver.takenCount = 0;
  return [send(state, { kind: 'flow', partition: receiver.partition, permits })];
}

/** An acknowledgement cancels a negative one of the same message. */
function ack(state: ClientState, partition: number, position: number): ClientAction[] {
  receiverAt(state, partition).negativeAcks.delete(position);
  return [send(state, { kind: 'ack', partition, position })];
}

/** Until the timer fires the broker knows nothing, and later messages of the key overtake. */
function negativeAck(state: ClientState, partition: number, position: number, nowMs: number): ClientAction[] {
  const receiver = receiverAt(state, partition);
  const dueMs = groupDueMs(receiver, nowMs, state.settings.negativeAckDelayMs);
  receiver.groupDueMs = dueMs;
  receiver.negativeAcks.set(position, dueMs);
  return [{ kind: 'wake-at', atMs: dueMs }];
}

/** That of the group that waits, if it began a short while ago; else the whole delay from now. */
function groupDueMs({ groupDueMs: waitingDueMs }: Receiver, nowMs: number, delayMs: number): number {
  const dueMs = nowMs + delayMs;
  const joins = waitingDueMs !== null && dueMs - waitingDueMs <= delayMs / GROUPS_PER_DELAY;
  return joins ? waitingDueMs : dueMs;
}

function redeliverDue(state: ClientState, receiver: Receiver, nowMs: number): ClientAction[] {
  const positions = [...receiver.negativeAcks].filter(([, dueMs]) => dueMs <= nowMs).map(([position]) => position);
  if (positions.length === 0) return [];
  for (const position of positions) receiver.negativeAcks.delete(position);
  const { type } = state.settings;
  if (type === 'exclusive' || type === 'failover') return redeliverAll(state, receiver);
  return [send(state, { kind: 'redeliver', partition: receiver.partition, positions })];
}

/** Exclusive and Failover cannot bring single messages back: what waits here is dropped, since all of it comes again. */
function redeliverAll(state: ClientState, receiver: Receiver): ClientAction[] {
  const kept = state.queue.filter(({ partition }) => partition !== receiver.partition);
  const droppedCount = state.queue.length - kept.length;
  state.queue.splice(0, state.queue.length, ...kept);
  const request = send(state, { kind: 'redeliver', partition: receiver.partition, positions: null });
  return droppedCount === 0 ? [request] : [request, ...countTaken(state, receiver, droppedCount)];
}
