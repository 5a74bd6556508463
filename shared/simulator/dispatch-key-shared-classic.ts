/**
 * Key_Shared as Pulsar 3 had it, and Pulsar 4 still has on request: no hash drains. A consumer that joined recently gets nothing
 * behind the place where the reads stood then, until everything before it is acknowledged. What stands before that place may
 * be sent to it while its former owner still holds earlier messages of the key: the reason for PIP-379. Source:
 * PersistentStickyKeyDispatcherMultipleConsumersClassic.
 *
 * 1. c1 holds k:1 and has no room, so k:2 is parked. 2. c2 joins and owns k now; the reads stand behind k:2. 3. c2 gets k:2.
 * 4. c1 dies: c2 gets k:1, after k:2.
 *
 * A step costs what is parked: it is here to be compared with, and not to be fast.
 */
import { unreachable } from '../model/invariant';
import type { KeySharedPolicy } from '../model/subscription';
import { type ConsumerState, findConsumer, isAvailable, somebodyIsAvailable } from './consumer';
import { countRedeliveries, type Dispatch, type DispatchCause, deliverTracked, entryAt, readNext } from './dispatch';
import { CLASSIC_HASH_MAX, HASH_UNKNOWN } from './sticky-hash';
import {
  addToSelector,
  createSelector,
  hashUnder,
  removeFromSelector,
  type StickySelector,
  selectOwner,
} from './sticky-selector';

export interface ClassicKeySharedState {
  readonly kind: 'key-shared-classic';
  /** The policy of the first consumer. */
  readonly policy: KeySharedPolicy;
  readonly selector: StickySelector;
  /** Consumer id → where the reads stood when it joined. */
  readonly joinedAt: Map<number, number>;
  /** Of those that get nothing behind that place yet, in order of joining. Nobody, when order is not asked for. */
  readonly recentlyJoined: Map<number, number>;
  /** Positions that must be dispatched again → sticky hash, or HASH_UNKNOWN. */
  readonly replay: { readonly hashes: Map<number, number> };
  /** Position → redeliver requests that hit it. */
  readonly redeliveryCounts: Map<number, number>;
  /** Nothing of what was read could be sent: the next round reads on instead of trying it again. */
  isStuckOnReplays: boolean;
}

export function createClassicKeyShared(policy: KeySharedPolicy, usesConsistentHashing: boolean): ClassicKeySharedState {
  return {
    kind: 'key-shared-classic',
    policy,
    selector: createSelector(policy, usesConsistentHashing, CLASSIC_HASH_MAX),
    joinedAt: new Map(),
    recentlyJoined: new Map(),
    replay: { hashes: new Map() },
    redeliveryCounts: new Map(),
    isStuckOnReplays: false,
  };
}

export function dispatchClassicKeyShared(dispatch: Dispatch, state: ClassicKeySharedState, cause: DispatchCause): void {
  switch (cause.kind) {
    case 'joined':
      join(dispatch, state, cause.consumer);
      return;
    case 'left':
      leave(dispatch, state, cause.consumer);
      return;
    case 'acked':
      state.redeliveryCounts.delete(cause.position);
      state.replay.hashes.delete(cause.position);
      if (forgetJoins(dispatch, state)) readMore(dispatch, state);
      return;
    case 'redelivered':
      countRedeliveries(state.redeliveryCounts, cause.positions.keys());
      for (const position of cause.positions.keys()) state.replay.hashes.set(position, HASH_UNKNOWN);
      readMore(dispatch, state);
      return;
    case 'flowed':
    case 'published':
      readMore(dispatch, state);
      return;
    case 'ticked':
      return;
    default:
      unreachable(cause, 'dispatch cause');
  }
}

function join(dispatch: Dispatch, state: ClassicKeySharedState, consumer: ConsumerState): void {
  const { cursor, consumers } = dispatch;
  addToSelector(state.selector, consumer);
  state.joinedAt.set(consumer.id, cursor.read);
  const isFirst = consumers.length === 1;
  const isNothingOpen = cursor.read - cursor.markDelete <= 1;
  if (state.policy.allowOutOfOrderDelivery || isFirst || isNothingOpen) return;
  state.recentlyJoined.set(consumer.id, cursor.read);
}

function leave(dispatch: Dispatch, state: ClassicKeySharedState, gone: ConsumerState): void {
  removeFromSelector(state.selector, gone.id);
  for (const [position, hash] of gone.pending) state.replay.hashes.set(position, hash);
  readMore(dispatch, state);
  state.joinedAt.delete(gone.id);
  state.recentlyJoined.delete(gone.id);
  /** In Pulsar the read above goes on by itself and sees what is forgotten here; the last one that stays waits for nobody. */
  const isReleased = dispatch.consumers.length === 1 && state.recentlyJoined.size > 0;
  if (isReleased) state.recentlyJoined.clear();
  if (isReleased || forgetJoins(dispatch, state) || state.replay.hashes.size > 0) readMore(dispatch, state);
}

/** Everything before the place where they joined is acknowledged: they are like all others now. */
function forgetJoins({ cursor }: Dispatch, { recentlyJoined }: ClassicKeySharedState): boolean {
  const before = recentlyJoined.size;
  for (const [id, position] of recentlyJoined) {
    if (position > cursor.markDelete + 1) break;
    recentlyJoined.delete(id);
  }
  return recentlyJoined.size < before;
}

function readMore(dispatch: Dispatch, state: ClassicKeySharedState): void {
  while (somebodyIsAvailable(dispatch.consumers)) {
    const replayed = filter(dispatch, state, replayNow(dispatch, state));
    if (replayed.length > 0) {
      if (!send(dispatch, state, replayed, 'replay')) return;
      continue;
    }
    if (dispatch.unacked.isBlocked || !somebodyNeedsNewOnes(dispatch, state)) return;
    const read = readBatch(dispatch);
    if (read.length === 0) return;
    send(dispatch, state, read, 'normal');
  }
}

/** As many as are asked for, smallest first; none in the round after one that could send nothing. */
function replayNow(dispatch: Dispatch, state: ClassicKeySharedState): number[] {
  const isSkipped = state.isStuckOnReplays;
  state.isStuckOnReplays = false;
  if (isSkipped) return [];
  const positions = [...state.replay.hashes.keys()].sort((left, right) => left - right);
  return positions.slice(0, countToRead(dispatch));
}

function countToRead({ settings, consumers }: Dispatch): number {
  const permits = consumers.reduce((sum, consumer) => sum + (isAvailable(consumer) ? consumer.permits : 0), 0);
  return Math.min(settings.readBatchSizeMax, permits);
}

function readBatch(dispatch: Dispatch): number[] {
  const positions: number[] = [];
  for (let left = countToRead(dispatch); left > 0; left -= 1) {
    const position = readNext(dispatch);
    if (position === null) break;
    positions.push(position);
  }
  return positions;
}

/** Those of the replay set that could be sent. Whose hash is not known is read, to find out. */
function filter(dispatch: Dispatch, state: ClassicKeySharedState, positions: readonly number[]): number[] {
  if (state.policy.allowOutOfOrderDelivery) return [...positions];
  const unknown = positions.filter((position) => state.replay.hashes.get(position) === HASH_UNKNOWN);
  const known = positions.filter((position) => state.replay.hashes.get(position) !== HASH_UNKNOWN);
  const sendable = [...group(dispatch, state, known)].flatMap(([consumer, own]) =>
    own.slice(0, countFor(dispatch, state, consumer, own, 'replay')),
  );
  return [...unknown, ...sendable].sort((left, right) => left - right);
}

/** Consumer → its positions. Those of nobody are left out. */
function group(dispatch: Dispatch, state: ClassicKeySharedState, positions: readonly number[]) {
  const groups = new Map<ConsumerState, number[]>();
  for (const position of positions) {
    const owner = findConsumer(dispatch.consumers, selectOwner(state.selector, hashAt(dispatch, state, position)));
    if (owner === null) continue;
    const own = groups.get(owner);
    if (own === undefined) groups.set(owner, [position]);
    else own.push(position);
  }
  return groups;
}

type Read = 'normal' | 'replay';

/** What cannot be sent is parked with its hash. Returns whether anything has changed by it. */
function send(dispatch: Dispatch, state: ClassicKeySharedState, positions: readonly number[], read: Read): boolean {
  const groups = group(dispatch, state, positions);
  // A consumer's room is counted before anything is parked, as all groups are made before the first is sent.
  const rest = new Set(positions);
  let learnt = false;
  let sentCount = 0;
  for (const [consumer, own] of groups) {
    const count = countFor(dispatch, state, consumer, own, read);
    for (const position of own.slice(0, count)) {
      rest.delete(position);
      state.replay.hashes.delete(position);
      deliverTracked(dispatch, consumer, position, hashAt(dispatch, state, position), state.redeliveryCounts);
      sentCount += 1;
    }
    for (const position of own.slice(count)) learnt = park(dispatch, state, position) || learnt;
  }
  for (const position of rest) learnt = park(dispatch, state, position) || learnt;
  if (sentCount === 0 && state.recentlyJoined.size === 0) state.isStuckOnReplays = true;
  return learnt || sentCount > 0 || state.isStuckOnReplays;
}

function park(dispatch: Dispatch, state: ClassicKeySharedState, position: number): boolean {
  const hash = hashAt(dispatch, state, position);
  const isNews = state.replay.hashes.get(position) !== hash;
  state.replay.hashes.set(position, hash);
  return isNews;
}

/** How many of its positions, from the first, a consumer may get now. */
function countFor(
  dispatch: Dispatch,
  state: ClassicKeySharedState,
  consumer: ConsumerState,
  positions: readonly number[],
  read: Read,
): number {
  const countMax = Math.min(positions.length, roomOf(dispatch, consumer));
  const waiting = new Set(
    read === 'normal' && !state.policy.allowOutOfOrderDelivery ? state.replay.hashes.values() : [],
  );
  // Not the hash alone waits behind what is parked, but all that was read for the consumer with it.
  if (positions.some((position) => waiting.has(hashAt(dispatch, state, position)))) return 0;
  forgetJoins(dispatch, state);
  const joinedAt = state.recentlyJoined.get(consumer.id);
  if (joinedAt === undefined) return countMax;
  const [earliest = joinedAt] = state.recentlyJoined.values();
  const bound = read === 'replay' ? Math.min(joinedAt, earliest) : joinedAt;
  const beyond = positions.findIndex((position) => position >= bound);
  return beyond < 0 ? countMax : Math.min(countMax, beyond);
}

function roomOf({ settings, isDurable }: Dispatch, consumer: ConsumerState): number {
  if (!isAvailable(consumer)) return 0;
  const { unackedPerConsumerMax } = settings;
  if (!isDurable || unackedPerConsumerMax === 0) return consumer.permits;
  return Math.min(consumer.permits, Math.max(unackedPerConsumerMax - consumer.unackedCount, 0));
}

/** One that joined recently gets nothing by a normal read. */
function somebodyNeedsNewOnes({ consumers }: Dispatch, { recentlyJoined }: ClassicKeySharedState): boolean {
  return consumers.some((consumer) => isAvailable(consumer) && !recentlyJoined.has(consumer.id));
}

function hashAt({ log }: Dispatch, { selector }: ClassicKeySharedState, position: number): number {
  return hashUnder(selector, entryAt(log, position).murmur);
}
