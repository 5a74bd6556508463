/** The world that a run takes place in: a broker and a store, chosen by URL. */
import { randomBytes } from 'node:crypto';
import { type EmbeddedBroker, openEmbeddedBroker } from '../shared/adapters/embedded-broker';
import { openEmbeddedStore } from '../shared/adapters/embedded-store';
import { OrderlabError } from '../shared/errors';
import type { Clock, Consumer, Recorder, Store } from '../shared/ports';

/** How long a Redis may take to be reached, and to answer a call. A run is short of both by orders of magnitude. */
const STORE_CONNECT_DEADLINE_MS = 5_000;
const STORE_COMMAND_DEADLINE_MS = 2_000;

export interface World {
  readonly clock: Clock;
  readonly broker: EmbeddedBroker;
  readonly store: Store;
  /** The consumer's connection dies as if its process had been killed. */
  sever(consumer: Consumer): void;
  /** Once nothing moves: every effect that the store has journalled is in the history when it resolves. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly brokerUrl: string;
  readonly storeUrl: string;
  readonly clock: Clock;
  /** Where the store journals effects; null: it does not (--audit off). */
  readonly journal: Recorder | null;
}

/** Errors: UNSUPPORTED_URL for a URL that this release does not speak, and what opening the store rejects with. */
export async function openWorld({ brokerUrl, storeUrl, clock, journal }: WorldOptions): Promise<World> {
  if (brokerUrl !== 'embedded:') throw unsupported('--broker', brokerUrl, EMBEDDED);
  const { store, settle, close } = await openStore(storeUrl, clock, journal);
  const broker = openEmbeddedBroker({ clock });
  return {
    ...{ clock, broker, store, settle },
    sever: (consumer) => broker.severConsumer(consumer),
    close: async () => {
      await broker.close();
      await close();
    },
  };
}

type OpenedStore = Pick<World, 'store' | 'settle' | 'close'>;

async function openStore(url: string, clock: Clock, journal: Recorder | null): Promise<OpenedStore> {
  if (/^rediss?:/.test(url)) return openRedis(url, journal);
  if (url !== 'embedded:') throw unsupported('--store', url, `${EMBEDDED}, redis://HOST:PORT, rediss://HOST:PORT`);
  const store = openEmbeddedStore({ clock, journal });
  return { store, settle: async () => {}, close: () => store.close() };
}

/** Loading the client takes a tenth of a second, so only who uses it does. A run has keys of its own and removes them: all they held is history. */
async function openRedis(url: string, journal: Recorder | null): Promise<OpenedStore> {
  const { openRedisStore } =
    require('../shared/adapters/redis-store') as typeof import('../shared/adapters/redis-store');
  const store = await openRedisStore({
    ...{ url, journal, audit: journal !== null, keyPrefix: `orderlab:run-${randomBytes(6).toString('hex')}` },
    connectDeadlineMs: STORE_CONNECT_DEADLINE_MS,
    commandDeadlineMs: STORE_COMMAND_DEADLINE_MS,
  });
  const close = async () => {
    try {
      await store.erase();
    } catch (thrown) {
      /** A server that is gone keeps them; what broke the run was told before. */
      if (!(thrown instanceof OrderlabError)) throw thrown;
    } finally {
      await store.close();
    }
  };
  return { store, settle: () => store.settle(), close };
}

const EMBEDDED = 'embedded: (in process)';

function unsupported(option: string, url: string, supported: string): OrderlabError {
  return new OrderlabError('UNSUPPORTED_URL', { option, url, supported });
}
