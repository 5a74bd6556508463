/**
 * The consuming client as a state machine: receiver queue, permits, connection, and the timers that give messages back.
 * The broker knows nothing of these (pulsar-semantics 1.1, 4.2); Pulsar's client libraries do exactly this.
 */
import { unreachable } from '../model/invariant';
import type { Delivery } from '../model/message';
import { trackMessage, untrackUpTo } from './ack-timeout';
import {
  buryIn,
  countTaken,
  forgetMember,
  forgetMessage,
  negativeAck,
  redeliverAll,
  redeliverDue,
} from './client-redelivery';
import {
  batchIndexIn,
  type ClientAction,
  type ClientState,
  placeOf,
  positionIn,
  receiverAt,
  send,
} from './client-state';
import { judgeDelivery } from './dead-letter';

interface AtMessage {
  readonly partition: number;
  readonly position: number;
  /** Of a member of a batch. */
  readonly batchIndex?: number | undefined;
}

export type ClientInput =
  /** The consumer is subscribed, for the first time or again. */
  | { readonly kind: 'open' }
  /** The connection is gone; `open` follows when there is another one. */
  | { readonly kind: 'disconnected' }
  /** One entry: a message, or those of a batch that are not acknowledged. */
  | { readonly kind: 'arrived'; readonly deliveries: readonly [Delivery, ...Delivery[]]; readonly nowMs: number }
  | { readonly kind: 'receive'; readonly nowMs: number }
  | ({ readonly kind: 'ack' | 'ack-cumulative' } & AtMessage)
  | ({ readonly kind: 'nack'; readonly nowMs: number } & AtMessage)
  /** Everything that is not acknowledged is asked for again, at once. */
  | { readonly kind: 'redeliver-all' }
  | { readonly kind: 'tick'; readonly nowMs: number };

/** Applies one input and returns what the shell must do, in order. */
export function stepClient(state: ClientState, input: ClientInput): ClientAction[] {
  switch (input.kind) {
    case 'open':
      return open(state);
    case 'disconnected':
      return disconnect(state);
    case 'arrived':
      return arrive(state, input.deliveries, input.nowMs);
    case 'receive':
      return receive(state, input.nowMs);
    case 'ack':
      return acknowledge(state, input);
    case 'ack-cumulative':
      return acknowledgeUpTo(state, input);
    case 'nack':
      return negativeAck(state, input.partition, input.position, input.nowMs);
    case 'redeliver-all':
      return state.receivers.flatMap((receiver) => redeliverAll(state, receiver));
    case 'tick':
      return state.receivers.flatMap((receiver) => redeliverDue(state, receiver, input.nowMs));
    default:
      return unreachable(input, 'client input');
  }
}

/** A new connection knows of no permit. Acknowledgements that could not be sent come first. */
function open(state: ClientState): ClientAction[] {
  state.isConnected = true;
  const { receiverQueueSize } = state.settings;
  const acks = state.unsentAcks.splice(0).map((request) => ({ kind: 'send', request }) as const);
  return [...acks, ...flowAll(state, receiverQueueSize === 0 ? state.waitingCount : receiverQueueSize)];
}

/** What waits here comes again over the next connection: it would be handed over twice. */
function disconnect(state: ClientState): ClientAction[] {
  state.isConnected = false;
  state.queue.length = 0;
  state.batches.clear();
  for (const receiver of state.receivers) receiver.takenCount = 0;
  return [];
}

function flowAll(state: ClientState, permits: number): ClientAction[] {
  if (permits === 0) return [];
  return state.receivers.flatMap(({ partition }) => send(state, { kind: 'flow', partition, permits }));
}

/** Of a batch, one message: the entry goes with the last one, and the others are told of where they count. */
function acknowledge(state: ClientState, { partition, position, batchIndex }: AtMessage): ClientAction[] {
  const place = placeOf(partition, position);
  const batch = batchIndex === undefined ? undefined : state.batches.get(place);
  if (batch !== undefined && batchIndex !== undefined) {
    batch.acknowledged.add(batchIndex);
    if (batch.acknowledged.size < batch.count) {
      forgetMember(state, place, batchIndex);
      const { batchIndexAckEnabled = true } = state.settings;
      return batchIndexAckEnabled ? send(state, { kind: 'ack', partition, position, batchIndexes: [batchIndex] }) : [];
    }
  }
  state.batches.delete(place);
  forgetMessage(state, partition, position);
  return send(state, { kind: 'ack', partition, position });
}

/** Up to a message inside a batch: what stands before the batch, unless all before it in the batch is the whole of it. */
function acknowledgeUpTo(state: ClientState, { partition, position, batchIndex }: AtMessage): ClientAction[] {
  const batch = state.batches.get(placeOf(partition, position));
  for (let index = 0; batch !== undefined && index <= (batchIndex ?? -1); index += 1) batch.acknowledged.add(index);
  const isInside = batch !== undefined && batchIndex !== undefined && batch.acknowledged.size < batch.count;
  const last = isInside ? position - 1 : position;
  if (!isInside) state.batches.delete(placeOf(partition, position));
  if (last < 0) return [];
  untrackUpTo(state.ackTimeout, partition, last);
  return send(state, { kind: 'ack-cumulative', partition, position: last });
}

function arrive(state: ClientState, deliveries: readonly [Delivery, ...Delivery[]], nowMs: number): ClientAction[] {
  const [{ partition, messageId, redeliveryCount }] = deliveries;
  const place = placeOf(partition, positionIn(messageId));
  if (batchIndexIn(messageId) !== undefined) {
    state.batches.set(place, { count: deliveries.length, acknowledged: new Set() });
  }
  const { deadLetter } = state.settings;
  if (deadLetter !== undefined && deadLetter !== null) {
    const judgement = judgeDelivery(deadLetter, redeliveryCount);
    if (judgement !== 'ordinary') state.deadLetters.set(place, deliveries);
    if (judgement === 'dead') return skip(state, deliveries);
  }
  return deliveries.flatMap((delivery) => takeIn(state, delivery, nowMs));
}

function takeIn(state: ClientState, delivery: Delivery, nowMs: number): ClientAction[] {
  if (state.waitingCount > 0) {
    state.waitingCount -= 1;
    return handOver(state, delivery, nowMs);
  }
  state.queue.push(delivery);
  return [];
}

/** The application never sees them; the room that they took is announced again. */
function skip(state: ClientState, deliveries: readonly [Delivery, ...Delivery[]]): ClientAction[] {
  const [{ partition, messageId }] = deliveries;
  const receiver = receiverAt(state, partition);
  const { receiverQueueSize } = state.settings;
  const count = deliveries.length;
  const room =
    receiverQueueSize === 0
      ? send(state, { kind: 'flow', partition, permits: count })
      : countTaken(state, receiver, count);
  return [...buryIn(state, receiver, positionIn(messageId)), ...room];
}

function receive(state: ClientState, nowMs: number): ClientAction[] {
  const delivery = state.queue.shift();
  if (delivery !== undefined) return handOver(state, delivery, nowMs);
  state.waitingCount += 1;
  return state.settings.receiverQueueSize === 0 ? flowAll(state, 1) : [];
}

function handOver(state: ClientState, delivery: Delivery, nowMs: number): ClientAction[] {
  const { partition, messageId } = delivery;
  const { ackTimeout } = state;
  const dueMs = ackTimeout.timeoutMs === 0 ? null : trackMessage(ackTimeout, partition, positionIn(messageId), nowMs);
  return [
    { kind: 'hand-over', delivery },
    ...countTaken(state, receiverAt(state, partition), 1),
    ...(dueMs === null ? [] : [{ kind: 'wake-at', atMs: dueMs } as const]),
  ];
}
