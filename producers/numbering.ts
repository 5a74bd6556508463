/** Numbering: what makes a draft an event. Sequences are dense per user from 1; ids come from the run's source. */
import { SCHEMA_VERSION, type UserEvent } from '../shared/model/event';
import type { Ids } from '../shared/ports';
import type { EventDraft } from './trace';

/** Gives each draft the next sequence of its user. One numbering has one run; memory grows with users, not events. */
export class Numbering {
  readonly #ids: Ids;
  readonly #sequences = new Map<string, number>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** The event keeps the draft's own time as `intendedAt`, until a runner knows when it is meant to be sent. */
  number(draft: EventDraft): UserEvent {
    const sequence = (this.#sequences.get(draft.user) ?? 0) + 1;
    this.#sequences.set(draft.user, sequence);
    const { at: intendedAt, user, type, data } = draft;
    /** Field by field: copies of what a draft happens to hold were a third of what a load costs. Type and data go together. */
    return { id: this.#ids.next(), user, type, data, sequence, intendedAt, schemaVersion: SCHEMA_VERSION } as UserEvent;
  }
}
