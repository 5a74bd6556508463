/**
 * Exclusive and Failover: one consumer at a time gets everything, in the order of the log (pulsar-semantics 1.4, 1.5).
 * Source: PersistentDispatcherSingleActiveConsumer. The broker keeps no list of pending messages here: whatever is not
 * acknowledged is sent again by a rewind, so redelivery counts stay 0 and a dead-letter policy would never fire.
 */
import { unreachable } from '../model/invariant';
import { chooseActive } from './active-consumer';
import { type ConsumerState, findConsumer, isAvailable } from './consumer';
import { rewind } from './cursor';
import { type Dispatch, type DispatchCause, deliver, readNext } from './dispatch';

export interface SingleActiveState {
  readonly kind: 'single-active';
  readonly type: 'exclusive' | 'failover';
  activeId: number | null;
  /** Nobody is served before this time (epoch of the clock in use, milliseconds); null: the active consumer is. */
  takeOverAtMs: number | null;
}

export function createSingleActive(type: 'exclusive' | 'failover'): SingleActiveState {
  return { kind: 'single-active', type, activeId: null, takeOverAtMs: null };
}

export function dispatchSingleActive(dispatch: Dispatch, state: SingleActiveState, cause: DispatchCause): void {
  switch (cause.kind) {
    case 'joined':
    case 'left':
      changeActive(dispatch, state);
      return;
    case 'flowed':
    case 'published':
      serve(dispatch, state);
      return;
    case 'redelivered':
      redeliver(dispatch, state, cause.consumer);
      return;
    case 'acked':
      return;
    case 'ticked':
      takeOverWhenDue(dispatch, state);
      return;
    default:
      unreachable(cause, 'dispatch cause');
  }
}

function changeActive(dispatch: Dispatch, state: SingleActiveState): void {
  const { consumers, topic, partition, settings, nowMs } = dispatch;
  const chosen = chooseActive(consumers, topic, partition);
  if (chosen === state.activeId) return;
  state.activeId = chosen;
  const delayMs = state.type === 'failover' ? settings.failoverDelayMs : 0;
  if (delayMs === 0) {
    takeOver(dispatch, state);
    return;
  }
  // A wait that has begun is not prolonged by another change: Pulsar schedules no second task beside the first.
  state.takeOverAtMs ??= nowMs + delayMs;
  dispatch.actions.push({ kind: 'wake-at', atMs: state.takeOverAtMs });
}

function takeOverWhenDue(dispatch: Dispatch, state: SingleActiveState): void {
  if (state.takeOverAtMs !== null && dispatch.nowMs >= state.takeOverAtMs) takeOver(dispatch, state);
}

/** Everything unacknowledged goes to the new active consumer, while the old one may still be working on it. */
function takeOver(dispatch: Dispatch, state: SingleActiveState): void {
  state.takeOverAtMs = null;
  if (state.activeId === null) return;
  rewind(dispatch.cursor);
  dispatch.actions.push({ kind: 'active-changed', consumerId: state.activeId, partition: dispatch.partition });
  serve(dispatch, state);
}

/** One redelivery request brings everything unacknowledged back; that of a consumer which is not active, nothing. */
function redeliver(dispatch: Dispatch, state: SingleActiveState, consumer: ConsumerState): void {
  if (consumer.id !== state.activeId) return;
  rewind(dispatch.cursor);
  serve(dispatch, state);
}

function serve(dispatch: Dispatch, state: SingleActiveState): void {
  const active = findConsumer(dispatch.consumers, state.activeId);
  if (active === null || state.takeOverAtMs !== null) return;
  while (isAvailable(active)) {
    const position = readNext(dispatch);
    if (position === null) return;
    deliver(dispatch, active, position, 0);
  }
}
