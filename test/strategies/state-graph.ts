/** The states that were reached, and which of them can still finish. */

/** States are named by keys. Moves are edges; faults are not, since nobody may count on one. */
export class StateGraph {
  /** Key → keys of the states from which one move leads there. */
  private readonly origins = new Map<string, string[]>();
  private readonly finished: string[] = [];

  get size(): number {
    return this.origins.size;
  }

  /** True when the state is new. `origin` null: a start, or a fault led there. */
  add(key: string, origin: string | null): boolean {
    const known = this.origins.get(key);
    const origins = known ?? [];
    if (origin !== null) origins.push(origin);
    this.origins.set(key, origins);
    return known === undefined;
  }

  finish(key: string): void {
    this.finished.push(key);
  }

  /** Is there a state from which no moves lead to a finished one? */
  hasStuckState(): boolean {
    const finishing = new Set(this.finished);
    const pending = [...this.finished];
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      for (const origin of this.origins.get(key) ?? []) {
        if (finishing.has(origin)) continue;
        finishing.add(origin);
        pending.push(origin);
      }
    }
    return finishing.size < this.origins.size;
  }
}
