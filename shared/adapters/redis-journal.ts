/**
 * Journal: what the store noted of each user, in its own steps and in its own order, and how a history follows it.
 *
 * An entry is a JSON array: its kind, the facts of that kind, and the store's time in milliseconds.
 */
import { OrderlabError } from '../errors';
import type { EffBody } from '../model/history';
import type { Recorder } from '../ports';

/** One entry read back. */
export interface JournalEntry {
  readonly body: EffBody;
  /** The store's clock at the step, in milliseconds. Of one user the order of entries counts, not their times. */
  readonly atMs: number;
}

/** Parts of an entry by its kind, kind and time included. */
const PART_COUNTS: ReadonlyMap<unknown, number> = new Map([
  ['effect', 9],
  ['begin', 4],
  ['end', 3],
]);

/** Throws STORE_DATA_INVALID for what the script did not write. */
export function entryOf(user: string, text: string): JournalEntry {
  const facts = factsOf(text);
  const atMs = facts?.at(-1);
  const body = facts === null ? null : bodyOf(user, facts);
  if (body === null || typeof atMs !== 'number') {
    throw new OrderlabError('STORE_DATA_INVALID', { what: `the journal of ${user}`, problem: `it holds ${text}` });
  }
  return { body, atMs };
}

function factsOf(text: string): readonly unknown[] | null {
  try {
    const facts: unknown = JSON.parse(text);
    return Array.isArray(facts) && facts.length === PART_COUNTS.get(facts[0]) ? facts : null;
  } catch {
    return null;
  }
}

function bodyOf(user: string, [kind, ...facts]: readonly unknown[]): EffBody | null {
  switch (kind) {
    case 'effect':
      return effectOf(user, facts);
    case 'begin': {
      const [owner, open] = facts;
      if (typeof owner !== 'string' || !Array.isArray(open)) return null;
      return { stream: 'Eff', type: 'begin', user, owner, open: open.map(String) };
    }
    case 'end': {
      const [owner] = facts;
      return typeof owner === 'string' ? { stream: 'Eff', type: 'end', user, owner } : null;
    }
    default:
      return null;
  }
}

function effectOf(user: string, facts: readonly unknown[]): EffBody | null {
  const [eventId, sequence, changedModel, owner, digest, versionBefore, chain] = facts;
  if (typeof eventId !== 'string' || typeof owner !== 'string' || typeof changedModel !== 'boolean') return null;
  if (typeof sequence !== 'number' || typeof digest !== 'number') return null;
  if (typeof versionBefore !== 'number' || typeof chain !== 'number') return null;
  return {
    ...{ stream: 'Eff', type: 'effect', user, eventId, sequence, versionBefore, versionAfter: sequence },
    ...{ changedModel, owner, digest, chain },
  };
}

/** Reads the entries `from` to `to` (both included, from 0) of a user's journal. */
export type ReadJournal = (user: string, from: number, to: number) => Promise<readonly string[]>;

/**
 * Follows the journals of all users into a history that orders records by one counter.
 *
 * The law: before the store's answer is passed on, everything that the user's journal held at that step is recorded.
 * So an effect stands before the `answered` record of whoever learned of it, in store order per user, exactly as with a
 * store inside the process; laws that compare the two (X8, X10, floors around a fault) need no other clock. What it
 * rules out: the reply to #5 is lost, the retry is answered `duplicate`, #6 is applied. Recorded as replies come, #6
 * would stand before #5, a swap (X3) that never was. Every reply names the length of the journal, so the follower sees
 * that entries are missing and reads them first.
 *
 * Replies of one connection come in the order of the steps; whoever hears them must be called in that order.
 */
export class JournalFollower {
  private readonly followed = new Map<string, Followed>();
  /** User → the reading under way. */
  private readonly readings = new Map<string, Promise<void>>();
  private isSealed = false;
  /** Raised by `doubt`. */
  private generation = 1;

  constructor(
    private readonly recorder: Recorder,
    private readonly read: ReadJournal,
  ) {}

  /** A step left the journal at `length`, with `entry` as its last one if it appended. null: recorded at once. */
  hear(user: string, length: number, entry: string | null): Promise<void> | null {
    const reading = this.readings.get(user);
    if (reading !== undefined) return reading.then(() => this.hear(user, length, entry) ?? undefined);
    const known = this.followedOf(user);
    const before = entry === null ? length : length - 1;
    if (before < known.count || known.generation !== this.generation) {
      return this.reading(user, this.verify(user, known, before, length));
    }
    if (known.count < before) {
      const missing = this.read(user, known.count, length - 1);
      return this.reading(
        user,
        missing.then((entries) => this.record(user, known, entries)),
      );
    }
    if (entry !== null) this.record(user, known, [entry]);
    return null;
  }

  /** The store may have gone back in time: of each user's journal it is seen, before the next record, if it did. */
  doubt(): void {
    this.generation += 1;
  }

  /** Users of whom anything is recorded. */
  get users(): readonly string[] {
    return [...this.followed.keys()];
  }

  /** Every journal begins anew, as its owner wanted: nothing was lost. */
  forget(): void {
    this.followed.clear();
  }

  /** Nothing is recorded any more: the history is about to end. */
  seal(): void {
    this.isSealed = true;
  }

  private followedOf(user: string): Followed {
    const known = this.followed.get(user);
    if (known !== undefined) return known;
    const fresh = { count: 0, last: null, generation: this.generation };
    this.followed.set(user, fresh);
    return fresh;
  }

  private reading(user: string, work: Promise<void>): Promise<void> {
    const reading = work.finally(() => this.readings.delete(user));
    this.readings.set(user, reading);
    return reading;
  }

  /**
   * Is what was recorded still there? Entries hold the store's time and a chain over all before them, so the last one at
   * its place stands for the rest. If not, everything that the journal holds is said again, behind a rollback.
   */
  private async verify(user: string, known: Followed, before: number, length: number): Promise<void> {
    const { generation } = this;
    const { count, last } = known;
    if (before >= count) {
      const entries = length === 0 ? [] : await this.read(user, Math.max(0, count - 1), length - 1);
      if (count === 0 || entries[0] === last) {
        known.generation = generation;
        this.record(user, known, count === 0 ? entries : entries.slice(1));
        return;
      }
    }
    const held = length === 0 ? [] : await this.read(user, 0, length - 1);
    known.generation = generation;
    known.count = 0;
    const heldCount = Math.min(before, held.length);
    if (!this.isSealed) this.recorder.record({ stream: 'Eff', type: 'rollback', user, heldCount });
    this.record(user, known, held);
  }

  private record(user: string, known: Followed, entries: readonly string[]): void {
    if (this.isSealed) return;
    for (const text of entries) this.recorder.record(entryOf(user, text).body);
    known.count += entries.length;
    known.last = entries.at(-1) ?? known.last;
  }
}

/** What is recorded of one user. */
interface Followed {
  /** Entries of its journal, and the text of the last one. */
  count: number;
  last: string | null;
  /** In which all that is known to stand. */
  generation: number;
}
