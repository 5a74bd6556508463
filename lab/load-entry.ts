/** Load entry: the load as library users call it. Histograms are loaded by who puts a load on something, not by all. */
import { systemClock } from '../shared/adapters/system-clock';
import { murmurHash } from '../shared/simulator/murmur-hash';
import { stickyHashOf } from '../shared/simulator/sticky-hash';
import type { LoadReport } from './load/load-report';
import type { LoadInput } from './load/load-settings';
import type { LoadSecond } from './load/load-tally';
import { freshRunId, freshSeed } from './run';
import { cornerOf } from './world';

/** Options of `orderlab load` by their names in camel case, as texts; all optional. */
export interface LoadChoice extends LoadInput {
  /** Default `embedded:`, as the store's. */
  readonly broker?: string;
  readonly store?: string;
  readonly admin?: string;
  readonly seed?: string;
  /** Names drawn users (`u-1`, the busiest, and so on) anew. */
  readonly nameOf?: (user: string) => string;
  /** Told of each second as it ends. */
  readonly onSecond?: (second: LoadSecond) => void;
}

/** Puts the load on, waits until nothing moves, and judges it. Errors: as `orderlab load`. */
export async function load(choice: LoadChoice = {}): Promise<LoadReport> {
  const { broker = 'embedded:', store = 'embedded:', admin = null, seed = freshSeed(), ...rest } = choice;
  const { nameOf, onSecond, ...input } = rest;
  const { runLoad } = require('./load/load') as typeof import('./load/load');
  const { readLoadInput } = require('./load/load-settings') as typeof import('./load/load-settings');
  return runLoad({
    settings: readLoadInput(input, seed),
    place: { brokerUrl: broker, storeUrl: store, adminUrl: admin, ...cornerOf(freshRunId('load')) },
    ...{ clock: systemClock, stop: { stopping: false }, replay: '' },
    ...(nameOf === undefined ? {} : { nameOf }),
    ...(onSecond === undefined ? {} : { onSecond }),
  });
}

/** The report in lines for people. */
export function loadReportLines(report: LoadReport): readonly string[] {
  const { loadLines } = require('./load/load-report') as typeof import('./load/load-report');
  return loadLines(report);
}

/** The first `count` ids `user-N` whose keys share the sticky hash of `user-1`: to Key_Shared they are one key. */
export function collidingUsers(count: number): readonly string[] {
  const hashOf = (user: string): number => stickyHashOf(murmurHash(user));
  const wanted = hashOf('user-1');
  const found: string[] = [];
  for (let number = 1; found.length < count; number += 1) {
    if (hashOf(`user-${number}`) === wanted) found.push(`user-${number}`);
  }
  return found;
}
