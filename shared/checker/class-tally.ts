/** The occurrences of one class: exact counts, the smallest witness, and which events of which users they concern. */
import { type AnomalyId, familyOf } from '../model/anomaly';
import { IntervalSet } from './interval-set';
import type { Occurrence } from './law';
import type { UserLedger } from './user-ledger';

/** Occurrences of one class at one user. */
export interface UserTally {
  count: number;
  definiteCount: number;
  /** Events concerned. */
  readonly sequences: IntervalSet;
  /** Events concerned once more, one entry an occurrence. */
  readonly repeats: number[];
}

export class ClassTally {
  readonly id: AnomalyId;
  readonly byUser = new Map<UserLedger | null, UserTally>();
  readonly how = new Map<string, number>();
  count = 0;
  #smallest: Occurrence | null = null;

  constructor(id: AnomalyId) {
    this.id = id;
  }

  add(occurrence: Occurrence): void {
    this.count += 1;
    const { how, sequence } = occurrence;
    if (how !== null) this.how.set(how, (this.how.get(how) ?? 0) + 1);
    const tally = this.#tallyOf(occurrence.user);
    tally.count += 1;
    if (occurrence.isDefinite) tally.definiteCount += 1;
    if (sequence !== null && !tally.sequences.add(sequence)) tally.repeats.push(sequence);
    if (isSmaller(occurrence, this.#smallest)) this.#smallest = occurrence;
  }

  /** The witness of the class: fewest events, and of those the first that was found. */
  get smallest(): Occurrence | null {
    return this.#smallest;
  }

  /** Occurrences at this user that count as definite; 0 where the assumption that the class rests on is broken. */
  definiteCountAt(user: UserLedger | null): number {
    const tally = this.byUser.get(user);
    return tally === undefined || restsOnSand(this.id, user) ? 0 : tally.definiteCount;
  }

  #tallyOf(user: UserLedger | null): UserTally {
    let tally = this.byUser.get(user);
    if (tally === undefined) {
      tally = { count: 0, definiteCount: 0, sequences: new IntervalSet(), repeats: [] };
      this.byUser.set(user, tally);
    }
    return tally;
  }
}

function isSmaller(one: Occurrence, other: Occurrence | null): boolean {
  if (other === null) return true;
  if (one.isDefinite !== other.isDefinite) return one.isDefinite;
  return one.events.length < other.events.length;
}

/** Classes that read positions off sequences although they concern effects. */
const BY_POSITION: readonly AnomalyId[] = ['X3', 'X4', 'X5'];

/** Sequences stand for positions of the log. Where the log says otherwise (W4, W8), what was built on that is possible. */
function restsOnSand(id: AnomalyId, user: UserLedger | null): boolean {
  if (user === null) return false;
  if (familyOf(id) === 'D') return user.isPublishedTwice || user.isOutOfSequence;
  return BY_POSITION.includes(id) && user.isOutOfSequence;
}
