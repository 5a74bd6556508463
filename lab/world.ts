/** The world that a run takes place in: a broker and a store, chosen by URL. */
import type { EffBody, HeaderBody } from '../shared/model/history';
import type { Clock, Consumer, Recorder, Store } from '../shared/ports';
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
  readonly store: Store;
  /** The clients of a real broker group acknowledgements, and hear no answer to them. */
  readonly acknowledgements: HeaderBody['acknowledgements'];
  /** The consumer's connection dies as if its process had been killed. */
  sever(consumer: Consumer): void;
  /** Once nothing moves: every effect that the store has journalled is in the history when it resolves. */
  settle(): Promise<void>;
  /** The store's journal, user by user, each user's effects in store order. For a store that processes share. */
  effects(): AsyncIterable<TimedEffect>;
  close(): Promise<void>;
}

/** Where a run takes place: the addresses, and the run's own corner there. */
export interface Place {
  readonly brokerUrl: string;
  readonly storeUrl: string;
  /** Pulsar's admin API; null: derived from a ws:// address. */
  readonly adminUrl: string | null;
  /** Namespace of the run's topics and prefix of its keys: runs on one server do not meet. `^[a-z0-9-]{1,64}$`. */
  readonly runId: string;
}

export interface WorldOptions extends Place {
  readonly clock: Clock;
  /** Effects are journalled inside the store step. */
  readonly audit: boolean;
  /** The history that follows the store's journal while the world is open; null: nobody follows. */
  readonly journal: Recorder | null;
  /** owner: removes the run's corner when it closes. guest: a consumer process, which leaves it as it is. */
  readonly role: 'owner' | 'guest';
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
    close: async () => {
      await broker.close();
      await store.close();
    },
  };
}
