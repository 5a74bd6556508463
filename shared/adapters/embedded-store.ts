/** The store in this process: the port over the simulator's machine, on a clock of the caller's. */
import { OrderlabError } from '../errors';
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { Clock, Recorder, Store } from '../ports';
import { dumpUser, openStoreState, step, usersOf } from '../simulator/store';

export interface EmbeddedStoreOptions {
  /** Decides when idempotency keys expire, nothing else. */
  readonly clock: Clock;
  /** Takes each effect in the same synchronous step as the change it describes; null: effects are not journalled. */
  readonly journal: Recorder | null;
}

/**
 * Opens an empty store that several consumers of this process may share. An operation takes place while `execute` is
 * called; the answer follows in a later microtask, so a caller that dies in between has changed the store and never
 * knows. Nothing survives the process. After `close` every call rejects with PORT_CLOSED, which is definite.
 */
export function openEmbeddedStore({ clock, journal }: EmbeddedStoreOptions): Store {
  const state = openStoreState();
  let open = true;
  const requireOpen = (): void => {
    if (!open) throw new OrderlabError('PORT_CLOSED', { what: 'the store' });
  };
  return {
    async execute(operation: StoreOperation): Promise<StoreAnswer> {
      requireOpen();
      const reply = step(state, { operation, nowMs: clock.nowMs() });
      for (const body of reply.journal) journal?.record(body);
      return reply.answer;
    },
    async *dump() {
      requireOpen();
      const bodies = usersOf(state).flatMap((user) => dumpUser(state, user, clock.nowMs()));
      yield* bodies.filter(({ type }) => type !== 'marker');
      yield* bodies.filter(({ type }) => type === 'marker');
    },
    async close() {
      open = false;
    },
  };
}
