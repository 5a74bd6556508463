/** Which event stands at which place of the log. Costs a number and a text an event, so only write-side laws keep it. */
import type { UserEvent } from '../model/event';
import type { UserLedger } from './user-ledger';

export class LoggedIds {
  readonly #users = new Map<UserLedger, Map<number, string>>();

  /** The event that stood there first, when it is another one; null: none, or the same. */
  otherAt(user: UserLedger, { sequence, id }: UserEvent): string | null {
    const ids = this.#users.get(user) ?? new Map<number, string>();
    this.#users.set(user, ids);
    const first = ids.get(sequence);
    if (first === undefined) ids.set(sequence, id);
    return first === undefined || first === id ? null : first;
  }
}
