/** Where things stand on the ring: hashes go round clockwise from the top. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Both ends included. */
type Range = readonly [start: number, end: number];

/** Width and height of the drawing, and its middle. */
export const RING_SIZE = 460;
const MIDDLE = RING_SIZE / 2;
/** Sticky hashes run from 1 to this. */
const HASH_MAX = 65_535;
const DIGITS = 2;

export function turnOf(hash: number): number {
  return (hash - 1) / HASH_MAX;
}

/** `turn`: 0 at the top, 0.25 at the right. */
export function placeAt(turn: number, radius: number): Place {
  const angle = (turn - 0.25) * 2 * Math.PI;
  return { x: rounded(MIDDLE + radius * Math.cos(angle)), y: rounded(MIDDLE + radius * Math.sin(angle)) };
}

/** One path for all ranges of a consumer. */
export function arcsOf(ranges: readonly Range[], radius: number): string {
  return ranges.map(([start, end]) => arc(turnOf(start), turnOf(end + 1), radius)).join('');
}

/** An arc that goes all the way round ends where it began, and would be none: so it is made of two halves. */
function arc(from: number, to: number, radius: number): string {
  if (to - from > 0.5) {
    const half = (from + to) / 2;
    return arc(from, half, radius) + arc(half, to, radius);
  }
  const [start, end] = [placeAt(from, radius), placeAt(to, radius)];
  return `M${start.x} ${start.y}A${radius} ${radius} 0 0 1 ${end.x} ${end.y}`;
}

/**
 * Turns of labels, moved apart where they would cover each other: each at least `gap` behind the one before. In the
 * order given, which is that of the hashes; the first stays.
 */
export function spread(turns: readonly number[], gap: number): readonly number[] {
  const room = Math.min(gap, 1 / Math.max(1, turns.length));
  let last = Number.NEGATIVE_INFINITY;
  return turns.map((turn) => {
    last = Math.max(turn, last + room);
    return last;
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}
