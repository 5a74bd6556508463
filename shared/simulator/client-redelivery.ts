/**
 * How a client gives messages back: after a negative acknowledgement and its delay, or when the application held one for
 * too long. Until then the broker knows nothing, and later messages of the key overtake (pulsar-semantics 4.2, 4.3).
 */
import { takeOverdue, untrackMessage } from './ack-timeout';
import {
  batchIndexIn,
  type ClientAction,
  type ClientState,
  placeOf,
  type Receiver,
  receiverAt,
  send,
} from './client-state';
import { deadLetterRequests } from './dead-letter';

/**
 * Groups of negative acknowledgements within one delay. Pulsar's clients look at theirs that often, so messages that
 * are given back one right after the other come again by one request, in the order of the log.
 */
const GROUPS_PER_DELAY = 3;

export function negativeAck(state: ClientState, partition: number, position: number, nowMs: number): ClientAction[] {
  const receiver = receiverAt(state, partition);
  const dueMs = groupDueMs(receiver, nowMs, state.settings.negativeAckDelayMs);
  receiver.groupDueMs = dueMs;
  receiver.negativeAcks.set(position, dueMs);
  untrackMessage(state.ackTimeout, partition, position);
  return [{ kind: 'wake-at', atMs: dueMs }];
}

/** That of the group that waits, if it began a short while ago; else the whole delay from now. */
function groupDueMs({ groupDueMs: waitingDueMs }: Receiver, nowMs: number, delayMs: number): number {
  const dueMs = nowMs + delayMs;
  const joins = waitingDueMs !== null && dueMs - waitingDueMs <= delayMs / GROUPS_PER_DELAY;
  return joins ? waitingDueMs : dueMs;
}

/**
 * The message was acknowledged: it does not time out any more. A negative acknowledgement that was made before is not
 * taken back: the broker ignores it for a message that nobody holds, but on Exclusive and Failover it rewinds all the same.
 */
export function forgetMessage(state: ClientState, partition: number, position: number): void {
  untrackMessage(state.ackTimeout, partition, position);
  state.deadLetters.delete(placeOf(partition, position));
}

/** One of a batch was acknowledged: it will not be buried with the others. */
export function forgetMember(state: ClientState, place: string, batchIndex: number): void {
  const left = state.deadLetters.get(place)?.filter(({ messageId }) => batchIndexIn(messageId) !== batchIndex);
  if (left !== undefined) state.deadLetters.set(place, left);
}

/** Gives back what is due in one partition. */
export function redeliverDue(state: ClientState, receiver: Receiver, nowMs: number): ClientAction[] {
  const { negativeAcks, partition } = receiver;
  const nacked = [...negativeAcks].filter(([, dueMs]) => dueMs <= nowMs).map(([position]) => position);
  for (const position of nacked) negativeAcks.delete(position);
  return [
    ...giveBack(state, receiver, nacked),
    ...giveUp(state, receiver, takeOverdue(state.ackTimeout, partition, nowMs)),
  ];
}

/**
 * A message that had its last chance and timed out is buried at once. One that is negatively acknowledged is not: the
 * tracker of Pulsar 4 (PIP-393) forgets what it would be found by, so it comes once more and is buried on arrival.
 */
function giveUp(state: ClientState, receiver: Receiver, positions: readonly number[]): ClientAction[] {
  const { partition } = receiver;
  const dead = positions.filter((position) => state.deadLetters.has(placeOf(partition, position)));
  const others = positions.filter((position) => !dead.includes(position));
  return [...dead.flatMap((position) => buryIn(state, receiver, position)), ...giveBack(state, receiver, others)];
}

/** Exclusive and Failover cannot bring single messages back. */
function giveBack(state: ClientState, receiver: Receiver, positions: readonly number[]): ClientAction[] {
  if (positions.length === 0) return [];
  const { type } = state.settings;
  if (type === 'exclusive' || type === 'failover') return redeliverAll(state, receiver);
  return send(state, { kind: 'redeliver', partition: receiver.partition, positions });
}

/** A copy to the dead letter topic, then the acknowledgement. */
export function buryIn(state: ClientState, { partition }: Receiver, position: number): ClientAction[] {
  const place = placeOf(partition, position);
  const deliveries = state.deadLetters.get(place);
  const { deadLetter } = state.settings;
  if (deliveries === undefined || deadLetter === undefined || deadLetter === null) return [];
  state.deadLetters.delete(place);
  state.batches.delete(place);
  const requests = deliveries.flatMap((delivery) => deadLetterRequests(deadLetter, delivery));
  const copies = requests.map((request) => ({ kind: 'send', request }) as const);
  return [...copies, ...send(state, { kind: 'ack', partition, position })];
}

/** What waits here is dropped, since all of it comes again. */
export function redeliverAll(state: ClientState, receiver: Receiver): ClientAction[] {
  const kept = state.queue.filter(({ partition }) => partition !== receiver.partition);
  const droppedCount = state.queue.length - kept.length;
  state.queue.splice(0, state.queue.length, ...kept);
  const request = send(state, { kind: 'redeliver', partition: receiver.partition, positions: null });
  return droppedCount === 0 ? request : [...request, ...countTaken(state, receiver, droppedCount)];
}

/** Room is announced when half of the queue was taken, all of it at once. */
export function countTaken(state: ClientState, receiver: Receiver, count: number): ClientAction[] {
  const { receiverQueueSize } = state.settings;
  if (receiverQueueSize === 0) return [];
  receiver.takenCount += count;
  if (receiver.takenCount < Math.floor(receiverQueueSize / 2)) return [];
  const permits = receiver.takenCount;
  receiver.takenCount = 0;
  return send(state, { kind: 'flow', partition: receiver.partition, permits });
}
