/** Quiescence: when a run may be judged. Nothing moves any more, for a reason that is written down. */
import type { MeterName } from '../shared/model/metric';
import type { Clock } from '../shared/ports';

/** Looks at the run this often. */
const POLL_MS = 10;
/** Without any progress, and with nothing in hand but parked deliveries, the run is stuck. Longer than every redelivery delay. */
const STUCK_AFTER_MS = 3_000;
/** Without any progress for this long the run is given up, whatever is in hand. */
const DEADLINE_MS = 30_000;

/** What is looked at. */
export interface Watched {
  readonly clock: Clock;
  /** Waits for what the plan is changing right now; true: something was, so nothing has stood still. Default: nothing. */
  settled?(): Promise<boolean>;
  backlog(): Promise<number>;
  load(): { readonly inHandCount: number; readonly parkedCount: number };
  counts(): Readonly<Record<MeterName, number>>;
  /** Throws when the run is broken. */
  check(): void;
}

export interface Quiescence {
  readonly state: 'drained' | 'stuck' | 'deadline';
  readonly backlog: number;
  readonly parked: number;
}

/** Resolves when the backlog is empty, or when nothing has moved for too long. Call it when everything is published. */
export async function quiescence(watched: Watched): Promise<Quiescence> {
  let progress = '';
  let movedAtMs = watched.clock.nowMs();
  for (;;) {
    const wasChanging = (await watched.settled?.()) ?? false;
    watched.check();
    const backlog = await watched.backlog();
    const { inHandCount, parkedCount } = watched.load();
    if (backlog === 0 && inHandCount === 0) return { state: 'drained', backlog, parked: 0 };
    const now = progressOf(watched.counts(), backlog);
    if (wasChanging || now !== progress) {
      progress = now;
      movedAtMs = watched.clock.nowMs();
    }
    const idleMs = watched.clock.nowMs() - movedAtMs;
    if (idleMs >= STUCK_AFTER_MS && inHandCount === parkedCount)
      return { state: 'stuck', backlog, parked: parkedCount };
    if (idleMs >= DEADLINE_MS) return { state: 'deadline', backlog, parked: parkedCount };
    await watched.clock.sleep(POLL_MS);
  }
}

/** Parking and unparking the same delivery over and over is no progress. */
function progressOf(
  { delivered, applied, absorbed, quarantined }: Readonly<Record<MeterName, number>>,
  backlog: number,
): string {
  return [delivered, applied, absorbed, quarantined, backlog].join(' ');
}
