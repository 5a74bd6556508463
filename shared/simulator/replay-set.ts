/**
 * Positions that were read and must be dispatched again: parked, given back by a consumer that left, or negatively
 * acknowledged. Smallest position first (pulsar-semantics 1.2, 3.2).
 *
 * Pulsar keeps one sorted set and filters it at every read. Here what cannot move is kept apart, so that a step costs
 * what it moves and not what is parked: `unjudged` positions have no known hash, `lanes` hold what a consumer gets as
 * soon as it has permits, `held` what waits for a draining hash. The heaps are lazy: a position that `hashes` no longer
 * knows is skipped when it surfaces.
 */
import { popPosition, pushPosition } from './position-heap';
import { HASH_UNKNOWN } from './sticky-hash';

export interface ReplaySet {
  /** Every position of the set → its sticky hash, or HASH_UNKNOWN. */
  readonly hashes: Map<number, number>;
  /** Positions with a known hash, per hash. A normal read of such a hash waits behind them. */
  readonly countByHash: Map<number, number>;
  readonly unjudged: number[];
  /** Consumer id → positions. */
  readonly lanes: Map<number, number[]>;
  /** Draining hash → positions. */
  readonly held: Map<number, number[]>;
}

export function createReplaySet(): ReplaySet {
  return { hashes: new Map(), countByHash: new Map(), unjudged: [], lanes: new Map(), held: new Map() };
}

/** Adds a position without its hash: later messages of its key do not wait for it. */
export function addUnjudged(replay: ReplaySet, position: number): void {
  replay.hashes.set(position, HASH_UNKNOWN);
  pushPosition(replay.unjudged, position);
}

/** Removes and returns the smallest position without hash; undefined when there is none. */
export function takeUnjudged(replay: ReplaySet): number | undefined {
  for (;;) {
    const position = popPosition(replay.unjudged);
    if (position === undefined) return undefined;
    if (replay.hashes.delete(position)) return position;
  }
}

/** Adds a position to the lane of the consumer that owns its hash. */
export function addToLane(replay: ReplaySet, position: number, hash: number, consumerId: number): void {
  note(replay, position, hash);
  pushPosition(heapOf(replay.lanes, consumerId), position);
}

/** Adds a position that waits until its hash is drained. */
export function addHeld(replay: ReplaySet, position: number, hash: number): void {
  note(replay, position, hash);
  heapOf(replay.held, hash).push(position);
}

/** Removes and returns the smallest position of a consumer's lane with its hash; null when the lane is empty. */
export function takeFromLane(replay: ReplaySet, consumerId: number): { position: number; hash: number } | null {
  const lane = replay.lanes.get(consumerId);
  while (lane !== undefined && lane.length > 0) {
    const position = popPosition(lane) as number;
    const hash = replay.hashes.get(position);
    if (hash !== undefined) {
      forget(replay, position);
      return { position, hash };
    }
  }
  return null;
}

/** Lets the positions of a hash that is drained go to the lane of its owner. */
export function releaseHeld(replay: ReplaySet, hash: number, consumerId: number): void {
  const positions = replay.held.get(hash) ?? [];
  replay.held.delete(hash);
  for (const position of positions) pushPosition(heapOf(replay.lanes, consumerId), position);
}

/** Takes a position out. False when it was not there. */
export function forget(replay: ReplaySet, position: number): boolean {
  const hash = replay.hashes.get(position);
  if (hash === undefined) return false;
  replay.hashes.delete(position);
  if (hash !== HASH_UNKNOWN) countDown(replay.countByHash, hash);
  return true;
}

/** After a change of ownership: every position with a hash goes to the lane of its owner. O(n log n), and rare. */
export function rebuildLanes(replay: ReplaySet, ownerOfHash: (hash: number) => number): void {
  replay.lanes.clear();
  replay.held.clear();
  const positions = [...replay.hashes].sort(([left], [right]) => left - right);
  for (const [position, hash] of positions) {
    if (hash !== HASH_UNKNOWN) heapOf(replay.lanes, ownerOfHash(hash)).push(position);
  }
}

function note(replay: ReplaySet, position: number, hash: number): void {
  replay.hashes.set(position, hash);
  replay.countByHash.set(hash, (replay.countByHash.get(hash) ?? 0) + 1);
}

function countDown(counts: Map<number, number>, hash: number): void {
  const count = counts.get(hash) ?? 0;
  if (count > 1) counts.set(hash, count - 1);
  else counts.delete(hash);
}

function heapOf(heaps: Map<number, number[]>, key: number): number[] {
  const heap = heaps.get(key);
  if (heap !== undefined) return heap;
  const created: number[] = [];
  heaps.set(key, created);
  return created;
}
