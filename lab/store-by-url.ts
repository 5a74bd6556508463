/** Store by URL. */
import { type EmbeddedStore, openEmbeddedStore } from '../shared/adapters/embedded-store';
import { OrderlabError } from '../shared/errors';
import type { Store } from '../shared/ports';
import type { ReadModel } from '../shared/write-ports';
import { unlessGone } from './broker-by-url';
import type { StoreFault } from './fault-arm';
import type { StoreFaults } from './store-faults';
import type { TimedEffect, WorldOptions } from './world';

export interface OpenedStore {
  readonly store: Store & ReadModel;
  /** Every effect that the store has journalled is in the history when it resolves. */
  settle(): Promise<void>;
  effects(): AsyncIterable<TimedEffect>;
  /** What the plan does to a store inside this process; null: a real one is broken from outside. */
  readonly faults: StoreFaults | null;
  close(): Promise<void>;
}

/** How long a Redis may take to be reached, and to answer a call. A run is short of both by orders of magnitude. */
export const CONNECT_DEADLINE_MS = 5_000;
export const COMMAND_DEADLINE_MS = 2_000;

export async function openStore(options: WorldOptions): Promise<OpenedStore> {
  const { storeUrl, clock, journal } = options;
  if (/^rediss?:\/\//.test(storeUrl)) return openRedis(options);
  if (storeUrl !== 'embedded:') {
    const supported = 'embedded: (in process), redis://HOST:PORT, rediss://HOST:PORT';
    throw new OrderlabError('UNSUPPORTED_URL', { option: '--store', url: storeUrl, supported });
  }
  const store = openEmbeddedStore({ clock, journal, ...(options.storeRestarts === true ? { keepsLog: true } : {}) });
  const faults: StoreFaults = { strike: async (fault) => strikeEmbedded(store, fault) };
  return { store, settle: async () => {}, effects: nobodyElses, faults, close: () => store.close() };
}

function strikeEmbedded(store: EmbeddedStore, fault: StoreFault): void {
  if (fault.kind === 'store-restart') store.restart(fault.keptShare);
  else store.loseReplies(fault.outcome, fault.times);
}

/** A run has keys of its own and its owner removes them: all they held is history. */
async function openRedis({
  storeUrl: url,
  journal,
  audit,
  keyPrefix,
  role,
  onReconnect,
}: WorldOptions): Promise<OpenedStore> {
  const { openRedisStore } =
    require('../shared/adapters/redis-store') as typeof import('../shared/adapters/redis-store');
  const store = await openRedisStore({
    ...{ url, journal, audit, keyPrefix, plantsSentinel: role !== 'guest' },
    connectDeadlineMs: CONNECT_DEADLINE_MS,
    commandDeadlineMs: COMMAND_DEADLINE_MS,
    onReconnect: () => onReconnect?.('store'),
  });
  const close = async () => {
    if (role === 'owner') await unlessGone(store.erase());
    await store.close();
  };
  return { store, settle: () => store.settle(), effects: () => store.effects(), faults: null, close };
}

/** No other process writes to a store inside this one: its journal followed every step. */
async function* nobodyElses(): AsyncGenerator<TimedEffect> {}
