/** The world that a run takes place in: a broker and a store, chosen by URL. */
import type { EffBody, HeaderBody } from '../shared/model/history';
import type { Clock, Consumer, Recorder, Store } from '../shared/ports';
import type { ReadModel } from '../shared/write-ports';
import { type OpenedBroker, openBroker } from './broker-by-url';
import { type OpenedStore, openStore } from './store-by-url';

/** An effect with the store's clock at its step. */
export interface TimedEffect {
  readonly body: EffBody;
  readonly atMs: number;
}

export interface World {
  readonly clock: Clock;
  readonly broker: OpenedBroker['broker'];
  readonly store: Store & ReadModel;
  /** The clients of a real broker group acknowledgements, and hear no answer to them. */
  readonly acknowledgements: HeaderBody['acknowledgements'];
  /** The consumer's connection dies as if its process had been killed. */
  sever(consumer: Consumer): void;
  /** Once nothing moves: every effect that the store has journalled is in the history when it resolves. */
  settle(): Promise<void>;
  /** The store's journal, user by user, each user's effects in store order. For a store that processes share. */
  effects(): AsyncIterable<TimedEffect>;
  /** Of a store inside this process. */
  readonly storeFaults?: OpenedStore['faults'];
  close(): Promise<void>;
}

/** Pulsar's tenant for everybody: namespaces are the lab's unit, one per run. */
const TENANT = 'public';

/** Where things take place: the addresses, and the corner there. */
export interface Place {
  readonly brokerUrl: string;
  readonly storeUrl: string;
  /** Pulsar's admin API; null: derived from a ws:// address. */
  readonly adminUrl: string | null;
  /** `tenant/namespace` of the topics. */
  readonly namespace: string;
  /** Begins every key of the store. */
  readonly keyPrefix: string;
}

/** Pulsar's WebSocket and admin APIs stand at one address. */
export function adminUrlOf({ brokerUrl, adminUrl }: Place): string {
  return adminUrl ?? brokerUrl.replace(/^ws/, 'http');
}

/** A run's own corner of the servers, so that runs do not meet there. `runId` is `^[a-z0-9-]{1,64}$`. */
export function cornerOf(runId: string): Pick<Place, 'namespace' | 'keyPrefix'> {
  return { namespace: `${TENANT}/${runId}`, keyPrefix: `orderlab:${runId}` };
}

export interface WorldOptions extends Place {
  readonly clock: Clock;
  /** Effects are journalled inside the store step. */
  readonly audit: boolean;
  /** The history that follows the store's journal while the world is open; null: nobody follows. */
  readonly journal: Recorder | null;
  /**
   * owner: makes the corner, and removes it when it closes. guest: finds it, and leaves it as it is. resident: makes it
   * where it is missing, and leaves it: it is there for good.
   */
  readonly role: 'owner' | 'guest' | 'resident';
  /** The broker drops what a producer of the same name has stored before. Who makes the corner decides. Default: false. */
  readonly deduplicates?: boolean;
  /** The plan restarts the store, so one inside this process has to keep its log. */
  readonly storeRestarts?: boolean;
  /** Told of every connection that was lost and stands again; default: nobody. */
  readonly onReconnect?: (to: 'broker' | 'store') => void;
}

/** Errors: UNSUPPORTED_URL for a URL that this release does not speak, and what opening broker or store rejects with. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const opened = await openStore(options);
  try {
    return worldOf(options, opened, await openBroker(options));
  } catch (thrown) {
    await opened.close();
    throw thrown;
  }
}

function worldOf({ clock, brokerUrl }: WorldOptions, store: OpenedStore, broker: OpenedBroker): World {
  return {
    ...{ clock, broker: broker.broker, store: store.store },
    acknowledgements: brokerUrl === 'embedded:' ? 'counted' : 'sent',
    sever: (consumer) => broker.sever(consumer),
    settle: () => store.settle(),
    effects: () => store.effects(),
    storeFaults: store.faults,
    close: async () => {
      await broker.close();
      await store.close();
    },
  };
}
