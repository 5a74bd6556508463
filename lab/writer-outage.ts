/** Outage of the write side: how long nothing was accepted once an instance had died. */
import type { Clock } from '../shared/ports';

export class WriterOutage {
  /** null: since the last death something was accepted, or nobody died. */
  private diedAtMs: number | null = null;
  private longest: number | null = null;

  constructor(private readonly clock: Clock) {}

  /** Of several that die before anything is accepted the first one counts. */
  died(): void {
    this.diedAtMs ??= this.clock.nowMs();
  }

  /** A command was accepted, by whichever instance. */
  accepted(): void {
    if (this.diedAtMs === null) return;
    this.longest = Math.max(this.longest ?? 0, this.clock.nowMs() - this.diedAtMs);
    this.diedAtMs = null;
  }

  /** The longest one, in milliseconds; null: nobody died, or nothing was accepted after it. */
  get longestMs(): number | null {
    return this.longest;
  }
}
