/** Time that costs nothing: it stands still while anything can run, and jumps to the next timer when nothing can. */
import type { Clock } from '../../shared/ports';

/** A clock whose time costs nothing. */
export interface VirtualClock extends Clock {
  /**
   * Lets time pass until `work` settles, and answers as it does. Rejects when nothing can settle it any more: no timer
   * is pending and nothing is left to run.
   */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Timer {
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * Work of the thread pool that somebody may wait for, such as reading a file. Time stands still meanwhile; it could
 * otherwise be called a deadlock.
 */
const OUTSIDE_WORK = new Set(['FSReqCallback', 'FSReqPromise', 'ZLIB', 'CloseReq', 'FileHandleCloseReq']);

/** Starts at `startMs`. Timers that are due together wake in the order in which they were set. */
export function openVirtualClock(startMs = 0): VirtualClock {
  return new JumpingClock(startMs);
}

class JumpingClock implements VirtualClock {
  #nowMs: number;
  /** Sorted by due time, then by insertion. */
  readonly #timers: Timer[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      const dueMs = this.#nowMs + Math.max(0, ms);
      const after = this.#timers.findIndex((timer) => timer.dueMs > dueMs);
      this.#timers.splice(after === -1 ? this.#timers.length : after, 0, { dueMs, wake });
    });
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    work.then(settled, settled);
    for (await nothingRuns(); !isSettled; await nothingRuns()) this.#jump();
    return work;
  }

  #jump(): void {
    const dueMs = this.#timers[0]?.dueMs;
    if (dueMs === undefined) {
      throw new Error(`deadlock at ${this.#nowMs} ms of virtual time: the work waits, and no timer is pending`);
    }
    this.#nowMs = dueMs;
    const later = this.#timers.findIndex((timer) => timer.dueMs > dueMs);
    for (const timer of this.#timers.splice(0, later === -1 ? this.#timers.length : later)) timer.wake();
  }
}

/**
 * Promises settle before the next immediate, whatever the length of their chain; one immediate more lets those run that
 * were set by the first.
 */
async function nothingRuns(): Promise<void> {
  do {
    await immediate();
    await immediate();
  } while (process.getActiveResourcesInfo().some((resource) => OUTSIDE_WORK.has(resource)));
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
