/**
 * Meanings told so far: which creations of a user's log say what an earlier one said. Kept only where the context takes equal
 * meanings for one fact; elsewhere every event is a fact of its own.
 */
import type { UserEvent } from '../model/event';
import type { RunLedger } from './run-ledger';
import type { UserLedger } from './user-ledger';

export class ToldMeanings {
  /** By user, since the user's last deletion: each meaning with the sequence that told it first. */
  readonly #told = new Map<UserLedger, Map<string, number>>();

  /** The sequence of the event that told the same before; null: none did. Once for each event, in the order of the log. */
  toldBefore(user: UserLedger, event: UserEvent, run: RunLedger): number | null {
    if (run.header.context.identity !== 'meaning') return null;
    if (event.type === 'UserDeleted') this.#told.delete(user);
    if (event.type !== 'UserCreated') return null;
    const told = this.#told.get(user) ?? new Map<string, number>();
    this.#told.set(user, told);
    const meaning = JSON.stringify([event.data.name, event.data.email]);
    const first = told.get(meaning) ?? null;
    if (first === null) told.set(meaning, event.sequence);
    return first;
  }
}
