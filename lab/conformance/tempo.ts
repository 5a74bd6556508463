/** Tempo: every delay and deadline of a conformance run, milliseconds. */
import { systemClock } from '../../shared/adapters/system-clock';
import type { Clock } from '../../shared/ports';
import type { Delays } from './subject';
import { openVirtualClock, type VirtualClock } from './virtual-clock';

export interface Tempo {
  /** What the delays are counted by. A broker that is not in this process knows only the machine's time. */
  readonly clock: Clock;
  readonly delays: Delays;
  /** Nothing may have been delivered for this long. */
  readonly quietMs: number;
  /** Between two looks at the statistics. */
  readonly pollMs: number;
  /** What a named delay may take beyond itself: Pulsar's client counts negative acknowledgements in steps of 256 ms. */
  readonly slackMs: number;
  /** For each call of the port, and for each barrier. */
  readonly deadlineMs: number;
  /** Whether a deadline that is pending keeps the process alive. Where a model has broken nobody waits for it. */
  readonly deadlinesHold: boolean;
  /** How long two sides that differ are looked at again before that is believed: one may only be slow. */
  readonly patienceMs: number;
}

export const REAL_TEMPO: Tempo = {
  clock: systemClock,
  // Far above what one operation takes on a busy machine: a message must not time out before a script acknowledges it.
  delays: { negativeAckMs: 300, takeOverMs: 1000, ackTimeoutMs: 5_000, ackTimeoutTickMs: 1_000 },
  quietMs: 100,
  pollMs: 50,
  slackMs: 400,
  deadlineMs: 30_000,
  deadlinesHold: true,
  patienceMs: 5_000,
};

export interface VirtualTempo extends Tempo {
  readonly clock: VirtualClock;
}

/** Conformance within one process: as exact as on a real broker, and no slower than its work. */
export function virtualTempo(): VirtualTempo {
  // A barrier that is not reached is found out after the longest delay that a script may wait for.
  return { ...REAL_TEMPO, deadlineMs: 8_000, deadlinesHold: false, clock: openVirtualClock() };
}
