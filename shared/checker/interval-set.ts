/**
 * A set of positive integers that is dense most of the time: a frontier and islands above it.
 *
 * Sequences are dense from 1, so "everything up to n" is one number and what is missing or early is a few intervals.
 * That keeps the checker's memory by users and work in flight instead of by events (anomalies 8).
 */
const NO_ISLANDS: readonly number[] = [];

export class IntervalSet {
  /** Every integer from 1 to here is a member. 0: not even 1 is. */
  #frontier = 0;
  /** Ascending, disjoint, not adjacent: start, end, start, end … (both ends included), all above `frontier + 1`. */
  #islands: number[] = NO_ISLANDS as number[];

  get frontier(): number {
    return this.#frontier;
  }

  /** The largest member, 0 when empty. */
  get max(): number {
    return this.#islands.length === 0 ? this.#frontier : (this.#islands[this.#islands.length - 1] as number);
  }

  /** How many members. */
  get size(): number {
    let size = this.#frontier;
    for (const [start, end] of this.islands()) size += end - start + 1;
    return size;
  }

  has(value: number): boolean {
    if (value <= this.#frontier) return value >= 1;
    if (this.#islands.length === 0) return false;
    const index = this.#islandAtOrAbove(value);
    return index < this.#islands.length && (this.#islands[index] as number) <= value;
  }

  /** Adds a member. False when it was one already. Values below 1 are refused: sequences start at 1. */
  add(value: number): boolean {
    if (value < 1 || this.has(value)) return false;
    if (value === this.#frontier + 1) this.#advance(value);
    else this.#insert(value);
    return true;
  }

  /** The smallest member above `value`, or null. */
  above(value: number): number | null {
    if (value < this.#frontier) return Math.max(value, 0) + 1;
    const index = this.#islandAtOrAbove(value + 1);
    const start = this.#islands[index];
    return start === undefined ? null : Math.max(start, value + 1);
  }

  /** Maximal runs of members, ascending, both ends included. */
  *runs(): Generator<readonly [start: number, end: number]> {
    if (this.#frontier > 0) yield [1, this.#frontier];
    yield* this.islands();
  }

  /** Members that are not in `other`, ascending. */
  *without(other: IntervalSet): Generator<number> {
    if (this.#islands.length === 0 && this.#frontier <= other.#frontier) return;
    for (const [start, end] of this.runs()) {
      const first = start <= other.#frontier ? other.#frontier + 1 : start;
      for (let value = first; value <= end; value += 1) if (!other.has(value)) yield value;
    }
  }

  /** How many members are also in `other`. */
  sizeOfIntersection(other: IntervalSet): number {
    let missing = 0;
    for (const _ of this.without(other)) missing += 1;
    return this.size - missing;
  }

  *islands(): Generator<readonly [start: number, end: number]> {
    for (let index = 0; index < this.#islands.length; index += 2)
      yield [this.#islands[index] as number, this.#islands[index + 1] as number];
  }

  /** Index (even) of the first island whose end is at or above `value`; the array's length when there is none. */
  #islandAtOrAbove(value: number): number {
    let low = 0;
    let high = this.#islands.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#islands[middle * 2 + 1] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }

  #advance(value: number): void {
    this.#frontier = value;
    if (this.#islands.length === 0 || this.#islands[0] !== value + 1) return;
    this.#frontier = this.#islands[1] as number;
    this.#islands.splice(0, 2);
  }

  #insert(value: number): void {
    if (this.#islands === NO_ISLANDS) this.#islands = [];
    const index = this.#islandAtOrAbove(value);
    const joinsBelow = index > 0 && this.#islands[index - 1] === value - 1;
    const joinsAbove = this.#islands[index] === value + 1;
    if (joinsBelow && joinsAbove) this.#islands.splice(index - 1, 2);
    else if (joinsBelow) this.#islands[index - 1] = value;
    else if (joinsAbove) this.#islands[index] = value;
    else this.#islands.splice(index, 0, value, value);
  }
}
