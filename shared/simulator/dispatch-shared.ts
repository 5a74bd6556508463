/**
 * Shared: whoever has room gets the next messages, round robin in runs. No order is promised (pulsar-semantics 1.3).
 * Source: PersistentDispatcherMultipleConsumers.
 */
import { unreachable } from '../model/invariant';
import { type ConsumerState, isAvailable } from './consumer';
import { countRedeliveries, type Dispatch, type DispatchCause, deliverTracked, readNext } from './dispatch';
import { addUnjudged, createReplaySet, forget, type ReplaySet, takeUnjudged } from './replay-set';
import { HASH_UNKNOWN } from './sticky-hash';

export interface SharedState {
  readonly kind: 'shared';
  /**
   * Index in the list of consumers from which the next one is looked for; at or beyond its end: from the front. It is
   * brought back into the list when somebody is looked for, not before: one who joins behind the last served is next.
   */
  nextIndex: number;
  /** All without hash. They precede new messages. */
  readonly replay: ReplaySet;
  /** Position → redeliver requests that hit it. */
  readonly redeliveryCounts: Map<number, number>;
}

export function createShared(nextIndex: number): SharedState {
  return { kind: 'shared', nextIndex, replay: createReplaySet(), redeliveryCounts: new Map() };
}

export function dispatchShared(dispatch: Dispatch, state: SharedState, cause: DispatchCause): void {
  switch (cause.kind) {
    case 'left':
      takeBack(dispatch, state, cause.consumer.pending.keys());
      return;
    case 'redelivered':
      countRedeliveries(state.redeliveryCounts, cause.positions.keys());
      takeBack(dispatch, state, cause.positions.keys());
      return;
    case 'acked':
      state.redeliveryCounts.delete(cause.position);
      forget(state.replay, cause.position);
      return;
    case 'joined':
    case 'flowed':
    case 'published':
    case 'ticked':
      dealAll(dispatch, state);
      return;
    default:
      unreachable(cause, 'dispatch cause');
  }
}

function takeBack(dispatch: Dispatch, state: SharedState, positions: Iterable<number>): void {
  for (const position of positions) addUnjudged(state.replay, position);
  dealAll(dispatch, state);
}

function dealAll(dispatch: Dispatch, state: SharedState): void {
  for (;;) {
    const batch = nextBatch(dispatch, state);
    if (batch.length === 0) return;
    if (dealBatch(dispatch, state, batch) === 0) return;
  }
}

/** Positions of one read: from the replay set if there are any, else new ones. Never more than there are permits. */
function nextBatch(dispatch: Dispatch, state: SharedState): number[] {
  const { settings, consumers } = dispatch;
  const room = Math.min(settings.readBatchSizeMax, permitsOf(consumers));
  const batch: number[] = [];
  const replayed = take(() => takeUnjudged(state.replay) ?? null, room, batch);
  if (replayed === 0 && !dispatch.unacked.isBlocked) take(() => readNext(dispatch), room, batch);
  return batch;
}

/** Takes up to `room` positions and returns how many there were. */
function take(next: () => number | null, room: number, batch: number[]): number {
  while (batch.length < room) {
    const position = next();
    if (position === null) break;
    batch.push(position);
  }
  return batch.length;
}

function permitsOf(consumers: readonly ConsumerState[]): number {
  return consumers.reduce((sum, consumer) => sum + (isAvailable(consumer) ? consumer.permits : 0), 0);
}

/** Returns how many messages somebody got. */
function dealBatch(dispatch: Dispatch, state: SharedState, batch: readonly number[]): number {
  let dealt = 0;
  while (dealt < batch.length) {
    const consumer = nextConsumer(dispatch, state);
    // Those before it reached their limits of unacknowledged messages within this batch.
    if (consumer === null) break;
    const run = Math.min(dispatch.settings.roundRobinBatchSizeMax, batch.length - dealt);
    for (let count = 0; count < run && isAvailable(consumer); count += 1) {
      deliverTracked(dispatch, consumer, batch[dealt] as number, HASH_UNKNOWN, state.redeliveryCounts);
      dealt += 1;
    }
  }
  for (const position of batch.slice(dealt)) addUnjudged(state.replay, position);
  return dealt;
}

/**
 * The next consumer that is available; null: nobody is. Source: AbstractDispatcherMultipleConsumers.getNextConsumer. From
 * a level that is not the best, a better one is looked for first; then the own level is searched round robin; then the
 * worse ones from their front.
 */
function nextConsumer({ consumers }: Dispatch, state: SharedState): ConsumerState | null {
  const start = state.nextIndex < consumers.length ? state.nextIndex : 0;
  const level = consumers[start]?.priorityLevel ?? 0;
  const { length } = consumers;
  let index = level === 0 ? NOT_FOUND : search(consumers, 0, length, (other) => other < level);
  if (index === NOT_FOUND) index = search(consumers, start, length, (other) => other === level);
  if (index === NOT_FOUND) index = search(consumers, 0, start, (other) => other === level);
  if (index === NOT_FOUND) index = search(consumers, 0, length, (other) => other > level);
  if (index !== NOT_FOUND) state.nextIndex = index + 1;
  return consumers[index] ?? null;
}

const NOT_FOUND = -1;

/** Index of the first available consumer whose priority level fits. */
function search(
  consumers: readonly ConsumerState[],
  from: number,
  to: number,
  fits: (level: number) => boolean,
): number {
  for (let index = from; index < to; index += 1) {
    const consumer = consumers[index];
    if (consumer !== undefined && fits(consumer.priorityLevel) && isAvailable(consumer)) return index;
  }
  return NOT_FOUND;
}
