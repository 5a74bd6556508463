/** The world that a run takes place in: a broker and a store, chosen by URL. */
import { type EmbeddedBroker, openEmbeddedBroker } from '../shared/adapters/embedded-broker';
import { openEmbeddedStore } from '../shared/adapters/embedded-store';
import { OrderlabError } from '../shared/errors';
import type { Clock, Consumer, Recorder, Store } from '../shared/ports';

export interface World {
  readonly clock: Clock;
  readonly broker: EmbeddedBroker;
  readonly store: Store;
  /** The consumer's connection dies as if its process had been killed. */
  sever(consumer: Consumer): void;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly brokerUrl: string;
  readonly storeUrl: string;
  readonly clock: Clock;
  /** Where the store journals effects; null: it does not (--audit off). */
  readonly journal: Recorder | null;
}

/** Throws UNSUPPORTED_URL for a URL that this release does not speak. */
export function openWorld({ brokerUrl, storeUrl, clock, journal }: WorldOptions): World {
  if (brokerUrl !== 'embedded:') throw unsupported('--broker', brokerUrl);
  if (storeUrl !== 'embedded:') throw unsupported('--store', storeUrl);
  const broker = openEmbeddedBroker({ clock });
  const store = openEmbeddedStore({ clock, journal });
  return {
    clock,
    broker,
    store,
    sever: (consumer) => broker.severConsumer(consumer),
    close: async () => {
      await broker.close();
      await store.close();
    },
  };
}

function unsupported(option: string, url: string): OrderlabError {
  return new OrderlabError('UNSUPPORTED_URL', { option, url, supported: 'embedded: (in process)' });
}
