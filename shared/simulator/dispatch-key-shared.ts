/**
 * Key_Shared: each sticky hash belongs to one consumer. Under AUTO_SPLIT it moves only when the old owner has nothing of it
 * left (pulsar-semantics 2, 3); STICKY and out-of-order delivery know no such care. Source: PersistentStickyKeyDispatcherMultipleConsumers of Pulsar 4 (PIP-379).
 *
 * Between two inputs the following holds: a lane is empty, or its consumer has no permits, or a read is due or missed; and
 * new entries are unread only if nobody has permits or too many are parked. So each input touches only what it can
 * have changed, and a step does not cost what is parked.
 */
import { unreachable } from '../model/invariant';
import type { KeySharedPolicy } from '../model/subscription';
import { type ConsumerState, findConsumer, isAvailable, somebodyIsAvailable } from './consumer';
import { countRedeliveries, type Dispatch, type DispatchCause, deliverTracked, entryAt, readNext } from './dispatch';
import { addDraining, type DrainingHashes, isBlocked, releaseDraining } from './draining-hashes';
import {
  addHeld,
  addToLane,
  addUnjudged,
  createReplaySet,
  forget,
  type ReplaySet,
  rebuildLanes,
  releaseHeld,
  takeFromLane,
  takeUnjudged,
} from './replay-set';
import {
  addToSelector,
  createSelector,
  hashUnder,
  removeFromSelector,
  type StickySelector,
  selectOwner,
} from './sticky-selector';

export interface KeySharedState {
  readonly kind: 'key-shared';
  /** The policy of the first consumer. */
  readonly policy: KeySharedPolicy;
  readonly selector: StickySelector;
  readonly draining: DrainingHashes;
  readonly replay: ReplaySet;
  /** Position → redeliver requests that hit it. */
  readonly redeliveryCounts: Map<number, number>;
  /** When what waited for a drained hash is read; null: nothing is due. */
  unblockAtMs: number | null;
  /**
   * What waits may have got an owner with permits, and nobody has looked. Measured: when a consumer leaves that held nothing,
   * Pulsar 4.2.4 reads nothing again, so its messages wait until something else makes it read. Neither a newcomer nor an
   * acknowledgement does.
   */
  waitsForRead: boolean;
}

export function createKeyShared(policy: KeySharedPolicy, usesConsistentHashing: boolean): KeySharedState {
  return {
    kind: 'key-shared',
    policy,
    selector: createSelector(policy, usesConsistentHashing),
    draining: new Map(),
    replay: createReplaySet(),
    redeliveryCounts: new Map(),
    unblockAtMs: null,
    waitsForRead: false,
  };
}

export function dispatchKeyShared(dispatch: Dispatch, state: KeySharedState, cause: DispatchCause): void {
  switch (cause.kind) {
    case 'joined':
      join(dispatch, state, cause.consumer);
      return;
    case 'left':
      leave(dispatch, state, cause.consumer);
      return;
    case 'flowed':
      flowed(dispatch, state, cause.consumer);
      return;
    case 'acked':
      acked(dispatch, state, cause.position, cause.holder, cause.hash);
      return;
    case 'redelivered':
      redeliver(dispatch, state, cause.consumer, cause.positions);
      return;
    case 'published':
      readNew(dispatch, state);
      if (state.waitsForRead) serveAll(dispatch, state);
      return;
    case 'ticked':
      unblockWhenDue(dispatch, state);
      return;
    default:
      unreachable(cause, 'dispatch cause');
  }
}

/** With more consumers more may be parked, so there may be something to read. */
function join(dispatch: Dispatch, state: KeySharedState, consumer: ConsumerState): void {
  const owners = ownersOfPending(dispatch, state);
  addToSelector(state.selector, consumer);
  moveOwnership(dispatch, state, owners);
  if (!state.waitsForRead) serveAll(dispatch, state);
}

/** What the leaver held goes back with its hash, in order; new messages of the hash wait behind it. */
function leave(dispatch: Dispatch, state: KeySharedState, gone: ConsumerState): void {
  const owners = ownersOfPending(dispatch, state);
  removeFromSelector(state.selector, gone.id);
  for (const [position, hash] of gone.pending) {
    releaseDraining(state.draining, hash, gone.id);
    addToLane(state.replay, position, hash, selectOwner(state.selector, hash));
  }
  const isWaitedFor = moveOwnership(dispatch, state, owners);
  if (gone.pending.size > 0 || isWaitedFor) serveAll(dispatch, state);
  else state.waitsForRead ||= state.replay.hashes.size > 0;
}

function flowed(dispatch: Dispatch, state: KeySharedState, consumer: ConsumerState): void {
  if (state.waitsForRead) {
    serveAll(dispatch, state);
    return;
  }
  judge(dispatch, state);
  serveLane(dispatch, state, consumer);
  readNew(dispatch, state);
}

/** Owners, before a change of the ring, of the hashes that somebody holds messages of. */
function ownersOfPending({ consumers }: Dispatch, state: KeySharedState): Map<number, number> {
  const owners = new Map<number, number>();
  if (!drains(state)) return owners;
  for (const { pending } of consumers) {
    for (const hash of pending.values()) {
      if (!owners.has(hash)) owners.set(hash, selectOwner(state.selector, hash));
    }
  }
  return owners;
}

/**
 * Compares the ring with the owners before: hashes that a holder lost are draining, those that it regained are not.
 * Returns whether one ended draining that somebody waited for.
 */
function moveOwnership({ consumers }: Dispatch, state: KeySharedState, before: ReadonlyMap<number, number>): boolean {
  let isWaitedFor = false;
  for (const { id, pending } of drains(state) ? consumers : []) {
    for (const hash of pending.values()) {
      const ownedBefore = before.get(hash) === id;
      const ownsNow = selectOwner(state.selector, hash) === id;
      if (ownedBefore && !ownsNow) addDraining(state.draining, hash, id);
      if (!ownedBefore && ownsNow) isWaitedFor = regain(state, hash, id) || isWaitedFor;
    }
  }
  rebuildLanes(state.replay, (hash) => selectOwner(state.selector, hash));
  return isWaitedFor;
}

function regain({ draining }: KeySharedState, hash: number, consumerId: number): boolean {
  return releaseDraining(draining, hash, consumerId) === 'drained-and-waited-for';
}

/** Only where the broker moves hashes, and order is asked for, does anybody wait for an old owner. */
function drains({ policy }: KeySharedState): boolean {
  return policy.mode === 'auto-split' && !policy.allowOutOfOrderDelivery;
}

function acked(
  dispatch: Dispatch,
  state: KeySharedState,
  position: number,
  holder: ConsumerState | null,
  hash: number,
): void {
  state.redeliveryCounts.delete(position);
  const wasParked = forget(state.replay, position);
  if (holder !== null) release(dispatch, state, hash, holder.id);
  if (wasParked) readNew(dispatch, state);
}

/** A message of `hash` is no longer pending at `holderId`; a drained hash lets its messages go to the new owner. */
function release(dispatch: Dispatch, state: KeySharedState, hash: number, holderId: number): void {
  const released = releaseDraining(state.draining, hash, holderId);
  if (released === 'unchanged') return;
  releaseHeld(state.replay, hash, selectOwner(state.selector, hash));
  if (released === 'drained-and-waited-for') scheduleUnblocking(dispatch, state);
}

function scheduleUnblocking(dispatch: Dispatch, state: KeySharedState): void {
  if (state.unblockAtMs !== null) return;
  state.unblockAtMs = dispatch.nowMs + dispatch.settings.keySharedUnblockingIntervalMs;
  if (dispatch.settings.keySharedUnblockingIntervalMs === 0) unblockWhenDue(dispatch, state);
  else dispatch.actions.push({ kind: 'wake-at', atMs: state.unblockAtMs });
}

function unblockWhenDue(dispatch: Dispatch, state: KeySharedState): void {
  if (state.unblockAtMs === null || dispatch.nowMs < state.unblockAtMs) return;
  state.unblockAtMs = null;
  serveAll(dispatch, state);
}

/** The position comes back without its hash, so that later messages of the key overtake it (pulsar-semantics 4.2). */
function redeliver(
  dispatch: Dispatch,
  state: KeySharedState,
  consumer: ConsumerState,
  positions: ReadonlyMap<number, number>,
): void {
  countRedeliveries(state.redeliveryCounts, positions.keys());
  for (const position of positions.keys()) addUnjudged(state.replay, position);
  for (const hash of positions.values()) release(dispatch, state, hash, consumer.id);
  serveAll(dispatch, state);
}

function serveAll(dispatch: Dispatch, state: KeySharedState): void {
  state.waitsForRead = false;
  judge(dispatch, state);
  for (const consumer of dispatch.consumers) serveLane(dispatch, state, consumer);
  readNew(dispatch, state);
}

/** A read happens only when somebody has permits; it is the read that tells the hash of a position. */
function judge(dispatch: Dispatch, state: KeySharedState): void {
  if (!somebodyIsAvailable(dispatch.consumers)) return;
  for (;;) {
    const position = takeUnjudged(state.replay);
    if (position === undefined) return;
    const hash = hashAt(dispatch, state, position);
    addToLane(state.replay, position, hash, selectOwner(state.selector, hash));
  }
}

function serveLane(dispatch: Dispatch, state: KeySharedState, consumer: ConsumerState): void {
  while (isAvailable(consumer)) {
    const next = takeFromLane(state.replay, consumer.id);
    if (next === null) return;
    if (isBlocked(state.draining, next.hash, consumer.id)) addHeld(state.replay, next.position, next.hash);
    else deliverTracked(dispatch, consumer, next.position, next.hash, state.redeliveryCounts);
  }
}

/** Normal reads. An entry that cannot be sent is parked, and its whole hash behind it. */
function readNew(dispatch: Dispatch, state: KeySharedState): void {
  while (canReadNew(dispatch, state)) {
    const position = readNext(dispatch);
    if (position === null) return;
    dispatchNew(dispatch, state, position, hashAt(dispatch, state, position));
  }
}

function canReadNew(dispatch: Dispatch, { replay }: KeySharedState): boolean {
  if (dispatch.unacked.isBlocked) return false;
  return replay.hashes.size < lookAheadMax(dispatch) && somebodyIsAvailable(dispatch.consumers);
}

function dispatchNew(dispatch: Dispatch, state: KeySharedState, position: number, hash: number): void {
  const ownerId = selectOwner(state.selector, hash);
  const owner = findConsumer(dispatch.consumers, ownerId);
  const waitsBehind = !state.policy.allowOutOfOrderDelivery && state.replay.countByHash.has(hash);
  const waits = owner === null || !isAvailable(owner) || waitsBehind;
  if (waits) {
    addToLane(state.replay, position, hash, ownerId);
    return;
  }
  if (isBlocked(state.draining, hash, ownerId)) {
    addHeld(state.replay, position, hash);
    return;
  }
  deliverTracked(dispatch, owner, position, hash, state.redeliveryCounts);
}

/** With as many positions in the replay set no new entry is read, whatever its key. */
function lookAheadMax({ settings, consumers }: Dispatch): number {
  const { lookAheadPerConsumerMax, lookAheadPerSubscriptionMax } = settings;
  return Math.min(lookAheadPerConsumerMax * consumers.length, lookAheadPerSubscriptionMax);
}

function hashAt({ log }: Dispatch, { selector }: KeySharedState, position: number): number {
  return hashUnder(selector, entryAt(log, position).murmur);
}
