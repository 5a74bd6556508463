/** The event store in this process: the port over the simulator's machine, on a clock of the caller's. */
import { OrderlabError } from '../errors';
import type { LoggedEvent } from '../model/action';
import type { Append, LoggedAppend } from '../model/append';
import { invariant } from '../model/invariant';
import type { Clock } from '../ports';
import {
  append,
  type EventStoreState,
  entriesOf,
  grantEpoch,
  hold,
  isSeeded,
  markSeeded,
  moveCursor,
  openEventStoreState,
  ownerOf,
  requestOf,
  streamHeads,
} from '../simulator/event-store';
import { digestOf, encodeEvent } from '../wire';
import type { EventStore } from '../write-ports';

export interface EmbeddedEventStoreOptions {
  /** Nothing is accepted for a shard before the store was seeded. Default: false. */
  readonly guardsIncarnation?: boolean;
  /** Keeps every change, as an append-only log does, so that `restart` may be called. Default: false. */
  readonly keepsLog?: boolean;
}

export interface EmbeddedEventStore extends EventStore {
  /** As a server that is killed and starts again from the first `keptShare` (0..1) of its log: another incarnation. */
  restart(keptShare: number): void;
}

/** What an append-only log holds: it gives the same answer when it is made again, in the incarnation in which it was made. */
interface Change {
  readonly incarnation: string;
  readonly make: (state: EventStoreState) => unknown;
}

/**
 * Opens an empty event store that several writers of this process may share. As with the embedded store, a step takes
 * place while the call is made and its answer follows in a later microtask. Nothing survives the process.
 */
export function openEmbeddedEventStore(clock: Clock, options: EmbeddedEventStoreOptions = {}): EmbeddedEventStore {
  const server = new ServerInProcess(options);
  const perform = <Answer>(change: (state: EventStoreState) => Answer): Answer => server.perform(change);
  return {
    async append(asked: Append) {
      const nowMs = clock.nowMs();
      return perform((current) => append(current, asked, nowMs));
    },
    async requestOf(key) {
      return requestOf(server.state, key, clock.nowMs());
    },
    async read(user, fromSequence, toSequence) {
      return entriesOf(server.state, user, fromSequence, toSequence).map(loggedEvent);
    },
    async *heads() {
      yield* streamHeads(server.state);
    },
    async readAfter(position, countMax) {
      return server.state.log.slice(position, position + countMax);
    },
    async cursorOf(subscriber) {
      return server.state.cursors.get(subscriber) ?? 0;
    },
    async moveCursor(subscriber, position) {
      perform((current) => moveCursor(current, subscriber, position));
    },
    async hold(subscriber, owner, ttlMs) {
      const nowMs = clock.nowMs();
      return perform((current) => hold(current, subscriber, owner, { nowMs, ttlMs }));
    },
    async grantEpoch(shard, owner) {
      const epoch = perform((current) => grantEpoch(current, shard, owner));
      if (epoch === null) throw new OrderlabError('STORE_UNSEEDED', {});
      return epoch;
    },
    async ownerOf(shard) {
      return ownerOf(server.state, shard);
    },
    async grants() {
      return server.state.grants.slice();
    },
    async unseeded() {
      return isSeeded(server.state) ? null : server.state.incarnation;
    },
    async markSeeded(seededIn) {
      perform((current) => markSeeded(current, seededIn));
    },
    async close() {
      server.isOpen = false;
    },
    restart: (keptShare) => server.restart(keptShare),
  };
}

/** What a server would be: the state, and the log that it starts again from. */
class ServerInProcess {
  isOpen = true;
  private readonly guardsIncarnation: boolean;
  private readonly keepsLog: boolean;
  private lives = 1;
  private current: EventStoreState;
  private log: Change[] = [];

  constructor({ guardsIncarnation = false, keepsLog = false }: EmbeddedEventStoreOptions) {
    this.guardsIncarnation = guardsIncarnation;
    this.keepsLog = keepsLog;
    this.current = openEventStoreState(guardsIncarnation, String(this.lives));
  }

  /** To be read. Throws PORT_CLOSED. */
  get state(): EventStoreState {
    if (!this.isOpen) throw new OrderlabError('PORT_CLOSED', { what: 'the event store' });
    return this.current;
  }

  perform<Answer>(make: (state: EventStoreState) => Answer): Answer {
    const { state } = this;
    if (this.keepsLog) this.log.push({ incarnation: state.incarnation, make });
    return make(state);
  }

  restart(keptShare: number): void {
    invariant(this.keepsLog, 'an event store that is restarted keeps its log');
    this.log = this.log.slice(0, Math.floor(this.log.length * keptShare));
    this.current = openEventStoreState(this.guardsIncarnation);
    for (const { incarnation, make } of this.log) {
      this.current.incarnation = incarnation;
      make(this.current);
    }
    this.lives += 1;
    this.current.incarnation = String(this.lives);
  }
}

function loggedEvent({ event }: LoggedAppend): LoggedEvent {
  return { event, digest: digestOf(encodeEvent(event)) };
}
