/** The states that were reached, and which of them can still finish. */

/** States are named by keys and numbered. Moves are edges; faults are not, since nobody may count on one. */
export class StateGraph {
  private readonly numbers = new Map<string, number>();
  /** Per state: from which states one move leads there. */
  private readonly origins: number[][] = [];
  private readonly finished: number[] = [];

  get size(): number {
    return this.origins.length;
  }

  /** The number of a new state, or null for one that is known. `origin` null: a start, or a fault led there. */
  add(key: string, origin: number | null): number | null {
    const known = this.numbers.get(key);
    if (known !== undefined) {
      if (origin !== null) this.origins[known]?.push(origin);
      return null;
    }
    const number = this.origins.push(origin === null ? [] : [origin]) - 1;
    this.numbers.set(key, number);
    return number;
  }

  finish(number: number): void {
    this.finished.push(number);
  }

  /** Is there a state from which no moves lead to a finished one? */
  hasStuckState(): boolean {
    const finishing = new Set(this.finished);
    const pending = [...this.finished];
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      for (const origin of this.origins[number] ?? []) {
        if (finishing.has(origin)) continue;
        finishing.add(origin);
        pending.push(origin);
      }
    }
    return finishing.size < this.origins.length;
  }
}
