/**
 * The consuming client as a state machine: receiver queue, permits, connection, and the timers that give messages back.
 * The broker knows nothing of these (pulsar-semantics 1.1, 4.2); Pulsar's client libraries do exactly this.
 */
import { unreachable } from '../model/invariant';
import type { Delivery } from '../model/message';
import { trackMessage, untrackUpTo } from './ack-timeout';
import { buryIn, countTaken, forgetMessage, negativeAck, redeliverAll, redeliverDue } from './client-redelivery';
import { type ClientAction, type ClientState, positionIn, receiverAt, send } from './client-state';
import { judgeDelivery } from './dead-letter';

interface AtMessage {
  readonly partition: number;
  readonly position: number;
}

export type ClientInput =
  /** The consumer is subscribed, for the first time or again. */
  | { readonly kind: 'open' }
  /** The connection is gone; `open` follows when there is another one. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'arrived'; readonly delivery: Delivery; readonly nowMs: number }
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
      return arrive(state, input.delivery, input.nowMs);
    case 'receive':
      return receive(state, input.nowMs);
    case 'ack':
      forgetMessage(state, input.partition, input.position);
      return send(state, { kind: 'ack', partition: input.partition, position: input.position });
    case 'ack-cumulative':
      untrackUpTo(state.ackTimeout, input.partition, input.position);
      return send(state, { kind: 'ack-cumulative', partition: input.partition, position: input.position });
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
  for (const receiver of state.receivers) receiver.takenCount = 0;
  return [];
}

function flowAll(state: ClientState, permits: number): ClientAction[] {
  if (permits === 0) return [];
  return state.receivers.flatMap(({ partition }) => send(state, { kind: 'flow', partition, permits }));
}

function arrive(state: ClientState, delivery: Delivery, nowMs: number): ClientAction[] {
  const { deadLetter } = state.settings;
  if (deadLetter !== undefined && deadLetter !== null) {
    const judgement = judgeDelivery(deadLetter, delivery.redeliveryCount);
    if (judgement !== 'ordinary') state.deadLetters.set(delivery.messageId, delivery);
    if (judgement === 'dead') return skip(state, delivery);
  }
  if (state.waitingCount > 0) {
    state.waitingCount -= 1;
    return handOver(state, delivery, nowMs);
  }
  state.queue.push(delivery);
  return [];
}

/** The application never sees it; the room that it took is announced again. */
function skip(state: ClientState, { partition, messageId }: Delivery): ClientAction[] {
  const receiver = receiverAt(state, partition);
  const { receiverQueueSize } = state.settings;
  const room =
    receiverQueueSize === 0 ? send(state, { kind: 'flow', partition, permits: 1 }) : countTaken(state, receiver, 1);
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
