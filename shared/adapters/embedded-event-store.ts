/** The event store in this process: the port over the simulator's machine, on a clock of the caller's. */
import { OrderlabError } from '../errors';
import type { LoggedEvent } from '../model/action';
import type { Append, LoggedAppend } from '../model/append';
import type { Clock } from '../ports';
import {
  append,
  entriesOf,
  grantEpoch,
  hold,
  moveCursor,
  openEventStoreState,
  requestOf,
  streamHeads,
} from '../simulator/event-store';
import { digestOf, encodeEvent } from '../wire';
import type { EventStore } from '../write-ports';

/**
 * Opens an empty event store that several writers of this process may share. As with the embedded store, a step takes
 * place while the call is made and its answer follows in a later microtask. Nothing survives the process.
 */
export function openEmbeddedEventStore(clock: Clock): EventStore {
  const state = openEventStoreState();
  let open = true;
  const requireOpen = (): void => {
    if (!open) throw new OrderlabError('PORT_CLOSED', { what: 'the event store' });
  };
  return {
    async append(asked: Append) {
      requireOpen();
      return append(state, asked, clock.nowMs());
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
      requireOpen();
      moveCursor(state, subscriber, position);
    },
    async hold(subscriber, owner, ttlMs) {
      requireOpen();
      return hold(state, subscriber, owner, { nowMs: clock.nowMs(), ttlMs });
    },
    async grantEpoch(shard, owner) {
      requireOpen();
      return grantEpoch(state, shard, owner);
    },
    async ownerOf(shard) {
      requireOpen();
      return state.owners.get(shard) ?? null;
    },
    async grants() {
      requireOpen();
      return state.grants.slice();
    },
    async close() {
      open = false;
    },
  };
}

function loggedEvent({ event }: LoggedAppend): LoggedEvent {
  return { event, digest: digestOf(encodeEvent(event)) };
}
