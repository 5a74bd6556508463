/** Needs: what a plan asks of its world beyond a broker and a store, read off its faults so that the two cannot disagree. */
import type { Fault } from './plan';

/**
 * processes: consumers that can be stopped, so each has a process of its own, and a broker that then takes them for dead.
 * real-broker: a Pulsar, for what only its admin API can do. own-broker: a Pulsar of the run's own, which it may kill.
 */
export const NEEDS = ['processes', 'real-broker', 'own-broker'] as const;
export type Need = (typeof NEEDS)[number];

const NEED_OF: Readonly<Record<Fault['kind'], Need | null>> = {
  crash: null,
  join: null,
  leave: null,
  'handler-error': null,
  restart: null,
  pause: 'processes',
  unload: 'real-broker',
  'broker-restart': 'own-broker',
  'broker-kill': 'own-broker',
  'store-restart': null,
  'store-reply-lost': null,
};

/** Each once; a broker of its own is a real one. None: the plan runs in every world, the embedded one included. */
export function needsOf(faults: readonly Fault[]): readonly Need[] {
  const needed = new Set(faults.map(({ kind }) => NEED_OF[kind]));
  if (needed.has('own-broker')) needed.delete('real-broker');
  return NEEDS.filter((need) => needed.has(need));
}
