/** The store in this process: the port over the simulator's machine, on a clock of the caller's. */
import { OrderlabError } from '../errors';
import type { StoreAnswer, StoreOperation, StoreOutcome } from '../model/action';
import type { EffBody, StateBody } from '../model/history';
import { invariant } from '../model/invariant';
import type { Clock, Recorder, Store } from '../ports';
import { dumpUser, openStoreState, type StoreInput, step, usersOf } from '../simulator/store';
import type { ReadModel } from '../write-ports';

export interface EmbeddedStoreOptions {
  /** Decides when idempotency keys expire, nothing else. */
  readonly clock: Clock;
  /** Takes each effect in the same synchronous step as the change it describes; null: effects are not journalled. */
  readonly journal: Recorder | null;
  /** Keeps every operation, as an append-only log does, so that `restart` may be called. */
  readonly keepsLog?: true;
}

export interface EmbeddedStore extends Store, ReadModel {
  /** As a server that is killed and starts again from the first `keptShare` (0..1) of its log. */
  restart(keptShare: number): void;
  /** The next `times` answers with this outcome are lost: the work is done, and the caller cannot know. */
  loseReplies(outcome: StoreOutcome, times: number): void;
}

/**
 * Opens an empty store that several consumers of this process may share. An operation takes place while `execute` is
 * called; the answer follows in a later microtask, so a caller that dies in between has changed the store and never
 * knows. Nothing survives the process. After `close` every call rejects with PORT_CLOSED, which is definite.
 */
export function openEmbeddedStore(options: EmbeddedStoreOptions): EmbeddedStore {
  return new OpenEmbeddedStore(options);
}

class OpenEmbeddedStore implements EmbeddedStore {
  generation = 1;
  private state = openStoreState();
  private log: StoreInput[] = [];
  /** User → its records in the journal. */
  private readonly journalled = new Map<string, number>();
  private lost: { readonly outcome: StoreOutcome; times: number } | null = null;
  private isOpen = true;

  constructor(private readonly options: EmbeddedStoreOptions) {}

  async execute(operation: StoreOperation): Promise<StoreAnswer> {
    this.requireOpen();
    const input = { operation, nowMs: this.options.clock.nowMs() };
    if (this.options.keepsLog === true) this.log.push(input);
    const { answer, journal } = step(this.state, input);
    for (const body of journal) this.note(body);
    if (this.losesReply(answer)) {
      throw new OrderlabError('STORE_CONNECTION_LOST', { url: 'embedded:', what: operation.name });
    }
    return answer;
  }

  async *dump() {
    this.requireOpen();
    const bodies = usersOf(this.state).flatMap((user) => dumpUser(this.state, user, this.options.clock.nowMs()));
    yield* bodies.filter(({ type }) => type !== 'marker');
    yield* bodies.filter(({ type }) => type === 'marker');
  }

  async stateOf(user: string): Promise<StateBody | null> {
    this.requireOpen();
    const bodies = dumpUser(this.state, user, this.options.clock.nowMs());
    return bodies.find((body): body is StateBody => body.type === 'user') ?? null;
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  restart(keptShare: number): void {
    invariant(this.options.keepsLog === true, 'a store that is restarted keeps its log');
    this.log = this.log.slice(0, Math.floor(this.log.length * keptShare));
    this.state = openStoreState();
    this.generation += 1;
    const held = new Map<string, EffBody[]>();
    for (const input of this.log) {
      for (const body of step(this.state, input).journal) held.set(body.user, [...(held.get(body.user) ?? []), body]);
    }
    for (const [user, count] of [...this.journalled]) this.sayAgain(user, count, held.get(user) ?? []);
  }

  loseReplies(outcome: StoreOutcome, times: number): void {
    this.lost = { outcome, times };
  }

  private sayAgain(user: string, count: number, held: readonly EffBody[]): void {
    if (held.length === count) return;
    this.options.journal?.record({ stream: 'Eff', type: 'rollback', user, heldCount: held.length });
    this.journalled.delete(user);
    for (const body of held) this.note(body);
  }

  private note(body: EffBody): void {
    this.options.journal?.record(body);
    this.journalled.set(body.user, (this.journalled.get(body.user) ?? 0) + 1);
  }

  private losesReply({ outcome }: StoreAnswer): boolean {
    if (this.lost === null || this.lost.times === 0 || this.lost.outcome !== outcome) return false;
    this.lost.times -= 1;
    return true;
  }

  private requireOpen(): void {
    if (!this.isOpen) throw new OrderlabError('PORT_CLOSED', { what: 'the store' });
  }
}
