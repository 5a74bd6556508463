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
  const { guardsIncarnation = false, keepsLog = false } = options;
  let incarnation = 1;
  let state = openEventStoreState(guardsIncarnation, String(incarnation));
  let log: Change[] = [];
  let open = true;
  const requireOpen = (): void => {
    if (!open) throw new OrderlabError('PORT_CLOSED', { what: 'the event store' });
  };
  const perform = <Answer>(change: (state: EventStoreState) => Answer): Answer => {
    requireOpen();
    if (keepsLog) log.push({ incarnation: state.incarnation, make: change });
    return change(state);
  };
  return {
    async append(asked: Append) {
      const nowMs = clock.nowMs();
      return perform((current) => append(current, asked, nowMs));
    },
    async requestOf(key) {
      requireOpen();
      return requestOf(state, key, clock.nowMs());
    },
    async read(user, fromSequence, toSequence) {
      requireOpen();
      return entriesOf(state, user, fromSequence, toSequence).map(loggedEvent);
    },
    async *heads() {
      requireOpen();
      yield* streamHeads(state);
    },
    async readAfter(position, countMax) {
      requireOpen();
      return state.log.slice(position, position + countMax);
    },
    async cursorOf(subscriber) {
      requireOpen();
      return state.cursors.get(subscriber) ?? 0;
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
      requireOpen();
      return ownerOf(state, shard);
    },
    async grants() {
      requireOpen();
      return state.grants.slice();
    },
    async unseeded() {
      requireOpen();
      return isSeeded(state) ? null : state.incarnation;
    },
    async markSeeded(seededIn) {
      perform((current) => markSeeded(current, seededIn));
    },
    async close() {
      open = false;
    },
    restart(keptShare) {
      invariant(keepsLog, 'an event store that is restarted keeps its log');
      log = log.slice(0, Math.floor(log.length * keptShare));
      incarnation += 1;
      state = openEventStoreState(guardsIncarnation);
      for (const change of log) {
        state.incarnation = change.incarnation;
        change.make(state);
      }
      state.incarnation = String(incarnation);
    },
  };
}

function loggedEvent({ event }: LoggedAppend): LoggedEvent {
  return { event, digest: digestOf(encodeEvent(event)) };
}
