/** The model invariants M1 to M6 (pulsar-semantics 11), checked over the whole state. Dear: for tests only. */
import type { BrokerState } from '../../shared/simulator/broker-state';
import { isAcknowledged } from '../../shared/simulator/cursor';
import type { KeySharedState } from '../../shared/simulator/dispatch-key-shared';
import type { PartitionState } from '../../shared/simulator/partition';
import type { ReplaySet } from '../../shared/simulator/replay-set';
import { HASH_UNKNOWN } from '../../shared/simulator/sticky-hash';
import { hashUnder, selectOwner } from '../../shared/simulator/sticky-selector';
import type { DispatcherState, SubscriptionState } from '../../shared/simulator/subscription';

/** Throws an error that names the first invariant which does not hold. */
export function auditBroker(state: BrokerState): void {
  for (const { partitions } of state.topics.values()) {
    for (const partition of partitions) {
      for (const subscription of partition.subscriptions.values()) auditSubscription(state, partition, subscription);
    }
  }
}

function auditSubscription(state: BrokerState, partition: PartitionState, subscription: SubscriptionState): void {
  const { consumers, dispatcher } = subscription;
  holds(
    consumers.every(({ permits }) => permits >= 0) || partition.log.some(({ batch }) => batch !== null),
    'M6: permits are never negative without batches',
  );
  auditUnacked(partition, subscription);
  holds((dispatcher === null) === (consumers.length === 0), 'a dispatcher lives as long as there are consumers');
  if (dispatcher === null) return;
  if (dispatcher.kind !== 'single-active') auditTracked(partition, subscription, dispatcher);
  if (dispatcher.kind === 'key-shared') auditKeyShared(state, partition, subscription, dispatcher);
}

/** M4: what is held and not acknowledged, message by message. */
function auditUnacked({ log }: PartitionState, { consumers, cursor, unacked }: SubscriptionState): void {
  let sum = 0;
  for (const { id, pending, unackedCount } of consumers) {
    let count = 0;
    for (const position of pending.keys()) {
      count += (log[position]?.batch?.length ?? 1) - (cursor.batchAcks.get(position)?.size ?? 0);
    }
    holds(count === unackedCount, `M4: consumer ${id} holds ${count} messages, and ${unackedCount} are counted`);
    sum += count;
  }
  holds(unacked.count === sum, `M4: ${sum} messages are held, and ${unacked.count} are counted`);
  for (const position of cursor.batchAcks.keys()) {
    holds(!isAcknowledged(cursor, position), `batch ${position} is acknowledged whole and in part`);
  }
}

type TrackingState = Exclude<DispatcherState, { kind: 'single-active' }>;

/** M3: below the read position an entry is acknowledged, pending at one consumer, or in the replay set; one of these. */
function auditTracked(partition: PartitionState, { consumers, cursor }: SubscriptionState, state: TrackingState): void {
  for (let position = 0; position < partition.log.length; position += 1) {
    const places = [
      isAcknowledged(cursor, position),
      ...consumers.map(({ pending }) => pending.has(position)),
      state.replay.hashes.has(position),
      position >= cursor.read,
    ];
    const count = places.filter(Boolean).length;
    const isAckedAhead = places[0] === true && position >= cursor.read && count === 2;
    holds(count === 1 || isAckedAhead, `M3: entry ${position} is in ${count} places`);
  }
  if (state.kind !== 'key-shared-classic') auditReplay(state.replay);
}

/** The lazy heaps know every position of the set, and the counts are right. */
function auditReplay({ hashes, countByHash, unjudged, lanes, held }: ReplaySet): void {
  const inLanes = new Set([...lanes.values(), ...held.values()].flat());
  const counts = new Map<number, number>();
  for (const [position, hash] of hashes) {
    const isListed = hash === HASH_UNKNOWN ? unjudged.includes(position) : inLanes.has(position);
    holds(isListed, `position ${position} of the replay set can be found again`);
    if (hash !== HASH_UNKNOWN) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const sorted = (map: Map<number, number>) => JSON.stringify([...map].sort(([left], [right]) => left - right));
  holds(sorted(counts) === sorted(countByHash), 'the replay set counts its positions per hash');
}

function auditKeyShared(
  { nowMs, settings }: BrokerState,
  { log }: PartitionState,
  { consumers, cursor }: SubscriptionState,
  state: KeySharedState,
): void {
  const holders = new Map<number, Map<number, number>>();
  for (const { id, pending } of consumers) {
    for (const [position, hash] of pending) {
      holds(
        hash === hashUnder(state.selector, log[position]?.murmur ?? -1),
        `entry ${position} is pending under its own hash`,
      );
      const counts = holders.get(hash) ?? new Map<number, number>();
      holders.set(hash, counts.set(id, (counts.get(id) ?? 0) + 1));
    }
  }
  for (const [hash, counts] of holders) {
    holds(counts.size === 1, `M1: hash ${hash} is pending at one consumer`);
    const [holder = 0] = counts.keys();
    const isForeign = selectOwner(state.selector, hash) !== holder;
    holds(state.draining.has(hash) === isForeign, `a hash drains exactly while somebody else owns it: ${hash}`);
  }
  for (const [hash, { consumerId, referenceCount }] of state.draining) {
    holds(holders.get(hash)?.get(consumerId) === referenceCount, `M5: what drains of hash ${hash} is counted`);
  }
  for (const hash of state.replay.held.keys()) holds(state.draining.has(hash), `hash ${hash} is held while it drains`);
  const isUnblockingDue = state.unblockAtMs !== null;
  const isReadMissed = state.waitsForRead;
  /** Now is not too late: of two timers that are due at one instant, a client's may come before the broker's. */
  holds(!isUnblockingDue || (state.unblockAtMs ?? 0) >= nowMs, 'an unblocking read is not overdue');
  for (const { id, permits } of consumers) {
    const waiting = (state.replay.lanes.get(id) ?? []).filter((position) => {
      const hash = state.replay.hashes.get(position);
      return hash !== undefined && !state.draining.has(hash);
    });
    holds(
      permits <= 0 || waiting.length === 0 || isUnblockingDue || isReadMissed,
      `nothing waits without a reason for consumer ${id}`,
    );
  }
  const room = settings.lookAheadPerConsumerMax * consumers.length - state.replay.hashes.size;
  const unread = [...log.keys()].slice(cursor.read).filter((position) => !isAcknowledged(cursor, position));
  const canRead = room > 0 && consumers.some(({ permits }) => permits > 0);
  holds(unread.length === 0 || !canRead || isReadMissed, 'nothing stays unread while somebody has permits');
}

function holds(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(`broken: ${sentence}`);
}
