/**
 * The consistent-hash ring of Key_Shared AUTO_SPLIT: which consumer owns a sticky hash.
 * Source: ConsistentHashingStickyKeyConsumerSelector and ConsumerNameIndexTracker (pulsar-semantics 2.4).
 */
import { invariant } from '../model/invariant';
import type { HashRange } from '../model/subscription';
import { murmurHash } from './murmur-hash';
import { STICKY_HASH_MAX, stickyHashOf } from './sticky-hash';

/** Points of each consumer. Pulsar: subscriptionKeySharedConsistentHashingReplicaPoints. */
export const POINTS_PER_CONSUMER = 100;

interface RingMember {
  readonly consumerId: number;
  readonly name: string;
  /** Keeps consumers of one name apart: the smallest number that no live consumer of the name has. */
  readonly nameIndex: number;
}

export interface HashRing {
  /** Sticky hashes run from 1 to this. */
  readonly hashMax: number;
  /** In join order. */
  readonly members: RingMember[];
  /** Points that somebody holds, ascending. */
  points: number[];
  /** Point → consumers. The first holds it; later ones take it over in the order in which they came. */
  readonly queues: Map<number, number[]>;
}

export function createHashRing(hashMax = STICKY_HASH_MAX): HashRing {
  return { hashMax, members: [], points: [], queues: new Map() };
}

/** Adds a consumer. A point that is taken stays with its holder, and the newcomer queues behind it. */
export function addToRing(ring: HashRing, consumerId: number, name: string, pointCount = POINTS_PER_CONSUMER): void {
  const member = { consumerId, name, nameIndex: freeNameIndex(ring, name) };
  ring.members.push(member);
  for (const point of pointsOf(member, pointCount, ring.hashMax)) {
    const queue = ring.queues.get(point);
    if (queue === undefined) ring.queues.set(point, [consumerId]);
    else queue.push(consumerId);
  }
  ring.points = sortedPoints(ring);
}

export function removeFromRing(ring: HashRing, consumerId: number): void {
  const index = ring.members.findIndex((member) => member.consumerId === consumerId);
  invariant(index >= 0, 'only a member of the ring leaves it');
  ring.members.splice(index, 1);
  for (const [point, queue] of ring.queues) {
    const left = queue.filter((id) => id !== consumerId);
    if (left.length === 0) ring.queues.delete(point);
    else if (left.length < queue.length) ring.queues.set(point, left);
  }
  ring.points = sortedPoints(ring);
}

/** The consumer that owns a sticky hash: holder of the smallest point at or above it, else of the smallest point. */
export function ownerOf(ring: HashRing, stickyHash: number): number {
  invariant(ring.points.length > 0, 'a ring without members owns nothing');
  const point = ring.points[ceilingIndex(ring.points, stickyHash)] ?? ring.points[0];
  return holderOf(ring, point as number);
}

function holderOf(ring: HashRing, point: number): number {
  const holder = ring.queues.get(point)?.[0];
  invariant(holder !== undefined, 'every point of the ring has a holder');
  return holder;
}

/** Index of the first point at or above `hash`; the number of points when there is none. */
function ceilingIndex(points: readonly number[], hash: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

function freeNameIndex(ring: HashRing, name: string): number {
  const used = new Set(ring.members.filter((member) => member.name === name).map((member) => member.nameIndex));
  let index = 0;
  while (used.has(index)) index += 1;
  return index;
}

/** Two points of one consumer on the same value count once. */
function pointsOf(member: RingMember, pointCount: number, hashMax: number): Set<number> {
  const points = new Set<number>();
  for (let index = 0; index < pointCount; index += 1) {
    points.add(stickyHashOf(murmurHash(`${member.name}\0${member.nameIndex}\0${index}`), hashMax));
  }
  return points;
}

function sortedPoints(ring: HashRing): number[] {
  return [...ring.queues.keys()].sort((left, right) => left - right);
}

/** Ranges of each consumer, ascending and merged, as Pulsar's statistics print them in `keyHashRangeArrays`. */
export function hashRangesOf(ring: HashRing): Map<number, HashRange[]> {
  const ranges = new Map<number, HashRange[]>(ring.members.map((member) => [member.consumerId, []]));
  let start = 1;
  for (const end of [...ring.points, ring.hashMax]) {
    if (end >= start) appendRange(ranges.get(ownerOf(ring, end)), [start, end]);
    start = end + 1;
  }
  return ranges;
}

function appendRange(ranges: HashRange[] | undefined, range: HashRange): void {
  const last = ranges?.at(-1);
  if (last !== undefined && last[1] + 1 === range[0]) ranges?.splice(-1, 1, [last[0], range[1]]);
  else ranges?.push(range);
}
