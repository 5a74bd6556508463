/** Event store by URL: where the store of read models is, under the same corner. */
import { openEmbeddedEventStore } from '../shared/adapters/embedded-event-store';
import type { Clock } from '../shared/ports';
import type { EventStore } from '../shared/write-ports';
import { unlessGone } from './broker-by-url';
import { COMMAND_DEADLINE_MS, CONNECT_DEADLINE_MS } from './store-by-url';
import type { Place } from './world';

export interface EventStoreOptions extends Pick<Place, 'storeUrl' | 'keyPrefix'> {
  readonly clock: Clock;
  /** owner: what it holds is removed when it closes. */
  readonly role: 'owner' | 'guest';
}

/** Errors: as openWorld, which has refused an address of another kind before. */
export async function openEventStore({ storeUrl, keyPrefix, clock, role }: EventStoreOptions): Promise<EventStore> {
  if (storeUrl === 'embedded:') return openEmbeddedEventStore(clock);
  const { openRedisEventStore } =
    require('../shared/adapters/redis-event-store') as typeof import('../shared/adapters/redis-event-store');
  const deadlines = { connectDeadlineMs: CONNECT_DEADLINE_MS, commandDeadlineMs: COMMAND_DEADLINE_MS };
  const store = await openRedisEventStore({ url: storeUrl, keyPrefix, ...deadlines });
  if (role === 'guest') return store;
  const close = store.close.bind(store);
  store.close = async () => {
    await unlessGone(store.erase());
    await close();
  };
  return store;
}
