/** One subscription of one partition: its cursor, its consumers, and the dispatcher that its type asks for. */
import { invariant, unreachable } from '../model/invariant';
import type { SubscriptionType } from '../model/subscription';
import { type ConsumerState, findConsumer, givePermits } from './consumer';
import { acknowledge, acknowledgeAllUpTo, type Cursor, createCursor, isAcknowledged, rewind } from './cursor';
import { countLeft, type Dispatch, type DispatchCause, entryAt } from './dispatch';
import { createKeyShared, dispatchKeyShared, type KeySharedState } from './dispatch-key-shared';
import {
  type ClassicKeySharedState,
  createClassicKeyShared,
  dispatchClassicKeyShared,
} from './dispatch-key-shared-classic';
import { createShared, dispatchShared, type SharedState } from './dispatch-shared';
import { createSingleActive, dispatchSingleActive, type SingleActiveState } from './dispatch-single-active';
import { sizeOf } from './entry';
import { createPersistedCursor, flushWhenDue, noteAcknowledged, type PersistedCursor } from './persisted-cursor';
import { HASH_UNKNOWN } from './sticky-hash';
import { removeUnacked, type UnackedTally } from './unacked';

export type DispatcherState = SingleActiveState | SharedState | KeySharedState | ClassicKeySharedState;

export interface SubscriptionState {
  readonly cursor: Cursor;
  /** What a crash leaves of the cursor. */
  readonly persisted: PersistedCursor;
  /** False: a reader's. It goes with its last consumer, and nobody counts what is unacknowledged. */
  readonly isDurable: boolean;
  /** In join order, on Shared by priority level first. */
  readonly consumers: ConsumerState[];
  /** Made by the first consumer, dropped with the last: what it remembers goes with it (pulsar-semantics 1.6). */
  dispatcher: DispatcherState | null;
  /**
   * Shared: whose turn it is when the next first consumer comes. It outlives the last one, since Pulsar empties its
   * dispatcher and keeps it; another subscription type begins with a new one, at 0.
   */
  sharedNextIndex: number;
  readonly unacked: UnackedTally;
}

export function createSubscription(position: number, isDurable: boolean): SubscriptionState {
  const cursors = { cursor: createCursor(position), persisted: createPersistedCursor(position - 1) };
  const unacked = { count: 0, isBlocked: false };
  return { ...cursors, isDurable, consumers: [], dispatcher: null, sharedNextIndex: 0, unacked };
}

export function typeOf(dispatcher: DispatcherState): SubscriptionType {
  if (dispatcher.kind === 'single-active') return dispatcher.type;
  return dispatcher.kind === 'key-shared-classic' ? 'key-shared' : dispatcher.kind;
}

function createDispatcher(
  { settings }: Dispatch,
  type: SubscriptionType,
  { keyShared }: ConsumerState,
  sharedNextIndex: number,
): DispatcherState {
  switch (type) {
    case 'exclusive':
    case 'failover':
      return createSingleActive(type);
    case 'shared':
      return createShared(sharedNextIndex);
    case 'key-shared':
      return settings.keySharedUsesClassicImplementation
        ? createClassicKeyShared(keyShared, settings.keySharedUsesConsistentHashing)
        : createKeyShared(keyShared, settings.keySharedUsesConsistentHashing);
    default:
      return unreachable(type, 'subscription type');
  }
}

/** First consumer in: the cursor rewinds, so everything unacknowledged is sent again, redelivery count 0. */
export function joinSubscription(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  consumer: ConsumerState,
  type: SubscriptionType,
): void {
  invariant(findConsumer(subscription.consumers, consumer.id) === null, 'a consumer id is used once');
  if (subscription.dispatcher === null) {
    subscription.dispatcher = createDispatcher(dispatch, type, consumer, subscription.sharedNextIndex);
    rewind(subscription.cursor);
  }
  insert(subscription.consumers, consumer, type === 'shared');
  runDispatcher(dispatch, subscription, { kind: 'joined', consumer });
}

/** A newcomer stands behind those that were there, on Shared behind those of its level or a better one. */
function insert(consumers: ConsumerState[], newcomer: ConsumerState, byLevel: boolean): void {
  const worse = consumers.findIndex(({ priorityLevel }) => byLevel && priorityLevel > newcomer.priorityLevel);
  consumers.splice(worse < 0 ? consumers.length : worse, 0, newcomer);
}

/** Last consumer out: replay set, redelivery counts, draining hashes and permits are forgotten. */
export function leaveSubscription(dispatch: Dispatch, subscription: SubscriptionState, consumer: ConsumerState): void {
  const { consumers, dispatcher } = subscription;
  consumers.splice(consumers.indexOf(consumer), 1);
  removeUnacked(dispatch, consumer, consumer.unackedCount);
  if (consumers.length > 0) {
    runDispatcher(dispatch, subscription, { kind: 'left', consumer });
    return;
  }
  subscription.sharedNextIndex = dispatcher?.kind === 'shared' ? dispatcher.nextIndex : 0;
  subscription.dispatcher = null;
}

export function addPermits(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  consumer: ConsumerState,
  permits: number,
): void {
  givePermits(consumer, permits);
  runDispatcher(dispatch, subscription, { kind: 'flowed', consumer });
}

/**
 * Deletes the position at the cursor, whoever holds it and whoever asks: no owner is checked, there is no fencing
 * token (pulsar-semantics 4.1). Idempotent; a position beyond the log is ignored.
 */
export function acknowledgePosition(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  acker: ConsumerState,
  position: number,
): void {
  if (position >= dispatch.log.length) return;
  const { cursor, persisted } = subscription;
  flushWhenDue(persisted, cursor, dispatch.settings, dispatch.nowMs);
  const holder = acker.pending.has(position) ? acker : holderOf(subscription.consumers, position);
  const heldCount = holder === null ? 0 : countLeft(dispatch, position);
  acknowledge(cursor, position);
  noteAcknowledged(persisted, cursor, dispatch.settings, dispatch.nowMs);
  const hash = holder?.pending.get(position) ?? HASH_UNKNOWN;
  const unblocks = holder?.pending.delete(position) === true && removeUnacked(dispatch, holder, heldCount);
  runDispatcher(dispatch, subscription, { kind: 'acked', position, holder, hash });
  if (unblocks) runDispatcher(dispatch, subscription, { kind: 'flowed', consumer: holder });
}

/**
 * The same of messages of a batch; the last of them deletes the position. A broker that does not count them forgets what it is
 * told, unless it is told of all of them at once.
 */
export function acknowledgeIndexes(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  acker: ConsumerState,
  position: number,
  indexes: readonly number[],
): void {
  const { cursor, persisted, consumers } = subscription;
  if (position >= dispatch.log.length || isAcknowledged(cursor, position)) return;
  const size = sizeOf(entryAt(dispatch.log, position));
  const before = cursor.batchAcks.get(position);
  const acknowledged = new Set([...(before ?? []), ...indexes.filter((index) => index >= 0 && index < size)]);
  if (acknowledged.size === size) {
    acknowledgePosition(dispatch, subscription, acker, position);
    return;
  }
  const newCount = acknowledged.size - (before?.size ?? 0);
  if (!dispatch.settings.batchIndexAckEnabled || newCount === 0) return;
  flushWhenDue(persisted, cursor, dispatch.settings, dispatch.nowMs);
  cursor.batchAcks.set(position, acknowledged);
  noteAcknowledged(persisted, cursor, dispatch.settings, dispatch.nowMs);
  const holder = acker.pending.has(position) ? acker : holderOf(consumers, position);
  if (holder === null || !removeUnacked(dispatch, holder, newCount)) return;
  runDispatcher(dispatch, subscription, { kind: 'flowed', consumer: holder });
}

/** Only where one consumer gets everything in order: there nobody holds anything that would have to be taken from it. */
export function acknowledgeUpTo(dispatch: Dispatch, subscription: SubscriptionState, position: number): void {
  if (subscription.dispatcher?.kind !== 'single-active') return;
  const { cursor, persisted } = subscription;
  flushWhenDue(persisted, cursor, dispatch.settings, dispatch.nowMs);
  acknowledgeAllUpTo(cursor, position, dispatch.log.length);
  noteAcknowledged(persisted, cursor, dispatch.settings, dispatch.nowMs);
}

/**
 * The mark-delete position moves, whoever holds what lies before it, and nobody holds that any longer. The dispatcher hears of
 * it as of acknowledgements.
 */
export function giveUpTo(dispatch: Dispatch, subscription: SubscriptionState, position: number): void {
  const { cursor, persisted, consumers } = subscription;
  if (position <= cursor.markDelete) return;
  flushWhenDue(persisted, cursor, dispatch.settings, dispatch.nowMs);
  const end = Math.min(position, dispatch.log.length - 1);
  const heldBy = new Map(consumers.map((consumer) => [consumer, heldUpTo(dispatch, consumer, end)]));
  const last = acknowledgeAllUpTo(cursor, end, dispatch.log.length);
  noteAcknowledged(persisted, cursor, dispatch.settings, dispatch.nowMs);
  // What waits goes first: a hash that drains below would send it.
  for (const each of waitingUpTo(subscription, last)) {
    runDispatcher(dispatch, subscription, { kind: 'acked', position: each, holder: null, hash: HASH_UNKNOWN });
  }
  for (const [consumer, { messageCount, hashes }] of heldBy) {
    for (const [each] of hashes) consumer.pending.delete(each);
    const unblocks = removeUnacked(dispatch, consumer, messageCount);
    for (const [each, hash] of hashes) {
      runDispatcher(dispatch, subscription, { kind: 'acked', position: each, holder: consumer, hash });
    }
    if (unblocks) runDispatcher(dispatch, subscription, { kind: 'flowed', consumer });
  }
}

/** Entries that the consumer holds, up to that position, with their hashes; and how many messages that are. */
function heldUpTo(dispatch: Dispatch, { pending }: ConsumerState, end: number) {
  const hashes = [...pending].filter(([position]) => position <= end);
  return { hashes, messageCount: hashes.reduce((sum, [position]) => sum + countLeft(dispatch, position), 0) };
}

function waitingUpTo({ dispatcher }: SubscriptionState, last: number): readonly number[] {
  if (dispatcher === null || dispatcher.kind === 'single-active') return [];
  return [...dispatcher.replay.hashes.keys()].filter((position) => position <= last);
}

function holderOf(consumers: readonly ConsumerState[], position: number): ConsumerState | null {
  return consumers.find((consumer) => consumer.pending.has(position)) ?? null;
}

/** Takes positions back from a consumer, those that it still holds; null: all of them. */
export function takeBack(
  dispatch: Dispatch,
  subscription: SubscriptionState,
  consumer: ConsumerState,
  asked: readonly number[] | null,
): void {
  const positions = new Map<number, number>();
  let messageCount = 0;
  for (const position of asked ?? [...consumer.pending.keys()]) {
    const hash = consumer.pending.get(position);
    if (hash === undefined) continue;
    consumer.pending.delete(position);
    positions.set(position, hash);
    messageCount += countLeft(dispatch, position);
  }
  removeUnacked(dispatch, consumer, messageCount);
  runDispatcher(dispatch, subscription, { kind: 'redelivered', consumer, positions });
}

/** Lets the dispatcher work. Without consumers there is none, and nothing to do. */
export function runDispatcher(dispatch: Dispatch, { dispatcher }: SubscriptionState, cause: DispatchCause): void {
  if (dispatcher === null) return;
  switch (dispatcher.kind) {
    case 'single-active':
      dispatchSingleActive(dispatch, dispatcher, cause);
      return;
    case 'shared':
      dispatchShared(dispatch, dispatcher, cause);
      return;
    case 'key-shared':
      dispatchKeyShared(dispatch, dispatcher, cause);
      return;
    case 'key-shared-classic':
      dispatchClassicKeyShared(dispatch, dispatcher, cause);
      return;
    default:
      unreachable(dispatcher, 'dispatcher');
  }
}
