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
  /** User → entries of its journal that are recorded. */
  private readonly recorded = new Map<string, number>();
  /** User → the reading under way. */
  private readonly readings = new Map<string, Promise<void>>();
  private isSealed = false;

  constructor(
    private readonly recorder: Recorder,
    private readonly read: ReadJournal,
  ) {}

  /** A step left the journal at `length`, with `entry` as its last one if it appended. null: recorded at once. */
  hear(user: string, length: number, entry: string | null): Promise<void> | null {
    const reading = this.readings.get(user);
    if (reading !== undefined) return reading.then(() => this.hear(user, length, entry) ?? undefined);
    const before = entry === null ? length : length - 1;
    const known = Math.min(this.recorded.get(user) ?? 0, before);
    /** A journal shorter than what is known of it: the store went back in time. What it lost happened all the same. */
    this.recorded.set(user, known);
    if (known < before) return this.catchUp(user, known, length);
    if (entry !== null) this.record(user, [entry]);
    return null;
  }

  /** Nothing is recorded any more: the history is about to end. */
  seal(): void {
    this.isSealed = true;
  }

  private catchUp(user: string, known: number, length: number): Promise<void> {
    const reading = this.read(user, known, length - 1)
      .then((entries) => this.record(user, entries))
      .finally(() => this.readings.delete(user));
    this.readings.set(user, reading);
    return reading;
  }

  private record(user: string, entries: readonly string[]): void {
    if (this.isSealed) return;
    for (const text of entries) this.recorder.record(entryOf(user, text).body);
    this.recorded.set(user, (this.recorded.get(user) ?? 0) + entries.length);
  }
}
