/**
 * Lanes: work on one user is serial inside a consumer, work on different users is not.
 *
 * A lane is plain bookkeeping without waiting. `next` says what may run now; whoever runs it calls `free` when the turn
 * is over. Parked work keeps its delivery unacknowledged but gives its turn away, so that the predecessor it waits for
 * can pass.
 */
import { invariant } from '../shared/model/invariant';

/** Work on one user, in the order in which it arrived. */
export interface Lane<Work extends { readonly sequence: number }> {
  readonly waiting: Work[];
  /** Sorted by sequence. */
  readonly parked: Work[];
  busy: boolean;
}

export function openLane<Work extends { readonly sequence: number }>(): Lane<Work> {
  return { waiting: [], parked: [], busy: false };
}

/** Takes the lane's turn for the next work, or null when the lane is busy or nothing waits. */
export function takeTurn<Work extends { readonly sequence: number }>(lane: Lane<Work>): Work | null {
  if (lane.busy) return null;
  const work = lane.waiting.shift();
  if (work === undefined) return null;
  lane.busy = true;
  return work;
}

export function endTurn<Work extends { readonly sequence: number }>(lane: Lane<Work>): void {
  invariant(lane.busy, 'a turn that ends had begun');
  lane.busy = false;
}

/** Sets work aside, sorted by sequence, so that a filled gap releases its successors in order. */
export function park<Work extends { readonly sequence: number }>(lane: Lane<Work>, work: Work): void {
  const index = lane.parked.findIndex((other) => other.sequence > work.sequence);
  lane.parked.splice(index === -1 ? lane.parked.length : index, 0, work);
}

/** Brings one parked work back to the head of the lane; false when it was brought back already. */
export function unpark<Work extends { readonly sequence: number }>(lane: Lane<Work>, work: Work): boolean {
  const index = lane.parked.indexOf(work);
  if (index === -1) return false;
  lane.parked.splice(index, 1);
  lane.waiting.unshift(work);
  return true;
}

/** The parked work that directly follows `sequence`, or null. */
export function successorOf<Work extends { readonly sequence: number }>(
  lane: Lane<Work>,
  sequence: number,
): Work | null {
  const first = lane.parked.find((work) => work.sequence > sequence);
  return first !== undefined && first.sequence === sequence + 1 ? first : null;
}

/** A lane without any work may be forgotten: memory is bounded by work in hand, not by users. */
export function isIdle<Work extends { readonly sequence: number }>(lane: Lane<Work>): boolean {
  return !lane.busy && lane.waiting.length === 0 && lane.parked.length === 0;
}
