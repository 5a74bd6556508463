/** When an event is meant to be sent. Pure: the runner asks, waits and stamps. */
import { unreachable } from '../shared/model/invariant';
import type { Plan } from '../shared/model/plan';

/**
 * null: as fast as possible. `perSecond`: a constant rate. `traceSpeedup`: the workload's own time, divided.
 * A schedule is open-loop: it does not wait for answers, so a slow broker shows as latency and not as a lower rate.
 */
export type Schedule = Plan['rate'];

/** Milliseconds that a second has. */
const SECOND_MS = 1000;

/**
 * Milliseconds after the start at which event number `index` (from 0) is meant to be sent; null: at once, whenever
 * there is room. `sinceFirstMs` is the event's own time after the first event's. Recorded time may step back between
 * users; the start is the earliest that an event can be sent.
 */
export function sendOffsetMs(schedule: Schedule, index: number, sinceFirstMs: number): number | null {
  if (schedule === null) return null;
  if ('perSecond' in schedule) return (index * SECOND_MS) / schedule.perSecond;
  if ('traceSpeedup' in schedule) return Math.max(0, sinceFirstMs) / schedule.traceSpeedup;
  return unreachable(schedule, 'schedule');
}
