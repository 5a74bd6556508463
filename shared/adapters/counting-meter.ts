/** Counters in memory: what a run's summary reads. */
import type { MeterName } from '../model/metric';
import type { Meter } from '../ports';

/** A meter that can be read back. */
export interface CountingMeter extends Meter {
  /** Live: always the counts of now. */
  readonly counts: Readonly<Record<MeterName, number>>;
}

/** All counters start at 0. */
export function openCountingMeter(): CountingMeter {
  const counts: Record<MeterName, number> = {
    published: 0,
    delivered: 0,
    applied: 0,
    absorbed: 0,
    parked: 0,
    quarantined: 0,
    'marker-disagreements': 0,
  };
  return {
    counts,
    count: (name, amount = 1) => {
      counts[name] += amount;
    },
  };
}
