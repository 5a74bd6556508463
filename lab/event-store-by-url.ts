/** Event store by URL: where the store of read models is, under the same corner. */
import { type EmbeddedEventStore, openEmbeddedEventStore } from '../shared/adapters/embedded-event-store';
import type { Clock } from '../shared/ports';
import type { EventStore } from '../shared/write-ports';
import { unlessGone } from './broker-by-url';
import { COMMAND_DEADLINE_MS, CONNECT_DEADLINE_MS } from './store-by-url';
import type { Place } from './world';

export interface EventStoreOptions extends Pick<Place, 'storeUrl' | 'keyPrefix'> {
  readonly clock: Clock;
  /** owner: what it holds is removed when it closes. */
  readonly role: 'owner' | 'guest';
  /** Nothing is accepted for a shard before the store was seeded. Default: false. */
  readonly guardsIncarnation?: boolean;
  /** Told of a store in this process which can be restarted; a real one is restarted from outside. Default: none is opened. */
  readonly onEmbedded?: (store: EmbeddedEventStore) => void;
}

/** Errors: as openWorld, which has refused an address of another kind before. */
export async function openEventStore(options: EventStoreOptions): Promise<EventStore> {
  const { storeUrl, keyPrefix, clock, role, guardsIncarnation = false, onEmbedded } = options;
  if (storeUrl === 'embedded:') {
    const store = openEmbeddedEventStore(clock, { guardsIncarnation, keepsLog: onEmbedded !== undefined });
    onEmbedded?.(store);
    return store;
  }
  const { openRedisEventStore } =
    require('../shared/adapters/redis-event-store') as typeof import('../shared/adapters/redis-event-store');
  const deadlines = { connectDeadlineMs: CONNECT_DEADLINE_MS, commandDeadlineMs: COMMAND_DEADLINE_MS };
  const store = await openRedisEventStore({ url: storeUrl, keyPrefix, guardsIncarnation, ...deadlines });
  if (role === 'guest') return store;
  const close = store.close.bind(store);
  store.close = async () => {
    await unlessGone(store.erase());
    await close();
  };
  return store;
}
