/**
 * The place where all clients of this process meet. A test runner loads modules several times over, so that each
 * consumer has copies of its own; what they share cannot stand in a module and is kept under one symbol instead.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Cluster } from './cluster';
import { FREE_HOST, type Host } from './host';

export interface Place {
  /** The broker that every client of the process reaches, whatever its service URL says. */
  cluster: Cluster;
  /** The host of whatever runs now, followed through promises, timers and events. */
  readonly hosts: AsyncLocalStorage<Host>;
  /** Settles when the latest run of the kit is over: the place holds one at a time. */
  latestRun: Promise<unknown>;
}

const KEY = Symbol.for('orderlab.testing.place');

export function place(): Place {
  const shared = globalThis as unknown as Record<symbol, Place | undefined>;
  shared[KEY] ??= { cluster: new Cluster(), hosts: new AsyncLocalStorage<Host>(), latestRun: Promise.resolve() };
  return shared[KEY];
}

export function currentHost(): Host {
  return place().hosts.getStore() ?? FREE_HOST;
}
