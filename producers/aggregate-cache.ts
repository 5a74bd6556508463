/**
 * What an instance knows of users, so that it need not read before each decision. It may be old at any moment: the store
 * says so when the append comes, and the instance reads on from where it stands.
 */
import type { UserEvent } from '../shared/model/event';
import type { EventStore } from '../shared/write-ports';
import { NO_USER, type UserAggregate, withEvent } from './user-aggregate';

/** Users that one instance remembers; the one that was not asked for longest is forgotten first. */
export const AGGREGATE_COUNT_MAX = 10_000;

export class AggregateCache {
  readonly #users = new Map<string, UserAggregate>();

  constructor(private readonly store: Pick<EventStore, 'read'>) {}

  /** null: nothing; ask `refreshed`. */
  known(user: string): UserAggregate | null {
    return this.#users.get(user) ?? null;
  }

  /** With everything that the stream held when it was asked. */
  async refreshed(user: string): Promise<UserAggregate> {
    const { version } = this.known(user) ?? NO_USER;
    const events = await this.store.read(user, version + 1, Number.MAX_SAFE_INTEGER);
    for (const { event } of events) this.learn(event);
    return this.known(user) ?? NO_USER;
  }

  /** An event that follows what is known; anything else was learnt already, or waits for its predecessors. */
  learn(event: UserEvent): void {
    const known = this.known(event.user) ?? NO_USER;
    if (event.sequence !== known.version + 1) return;
    this.#users.delete(event.user);
    this.#users.set(event.user, withEvent(known, event));
    const [oldest] = this.#users.keys();
    if (this.#users.size > AGGREGATE_COUNT_MAX && oldest !== undefined) this.#users.delete(oldest);
  }
}
