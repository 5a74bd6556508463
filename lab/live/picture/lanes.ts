/** Lanes: the effects of users as they happen, and which of them were swapped. */
import { IntervalSet } from '../../../shared/checker/interval-set';
import { ARRIVAL_COUNT_MAX, type Arrival, type Finding, LANE_COUNT_MAX, type Lane } from './picture';

interface UserLane {
  readonly user: string;
  /** Sequences that came to a consumer. */
  readonly delivered: IntervalSet;
  /** Sequences with effect. */
  applied: IntervalSet;
  arrivals: Arrival[];
  arrivedCount: number;
  swappedCount: number;
  /** Effects that the store is about to say again. */
  restatedCount: number;
  /** Place among all effects of the latest one. */
  movedAt: number;
}

export class Lanes {
  private readonly users = new Map<string, UserLane>();
  private shown: UserLane[] = [];
  private arrivedCount = 0;

  /** `pinned`: a user that has a lane whatever happens. */
  constructor(private readonly pinned: string | null) {}

  /** null: the store repeats after a loss what it still holds, and nothing happened. */
  arrive(user: string, sequence: number, consumer: string): Finding | null {
    const lane = this.laneOf(user);
    const before = lane.applied.max;
    const isFirst = lane.applied.add(sequence);
    if (lane.restatedCount > 0) {
      lane.restatedCount -= 1;
      return null;
    }
    const finding = findingOf(isFirst, sequence, before);
    this.note(lane, { sequence, consumer, finding });
    this.show(lane);
    return finding;
  }

  /** False: the event had come to a consumer before. */
  deliver(user: string, sequence: number): boolean {
    return this.laneOf(user).delivered.add(sequence);
  }

  /** The store has forgotten the user but for `heldCount` records, which come again. */
  rollBack(user: string, heldCount: number): void {
    const lane = this.laneOf(user);
    lane.applied = new IntervalSet();
    lane.restatedCount = heldCount;
  }

  /** A record of the user that is no effect was said again. */
  restate(user: string): void {
    const lane = this.laneOf(user);
    lane.restatedCount = Math.max(0, lane.restatedCount - 1);
  }

  /** By name: two runs of one load show their users in the same order. */
  get lanes(): readonly Lane[] {
    return this.shown.toSorted(byUser).map(({ user, arrivals, arrivedCount, swappedCount }) => ({
      ...{ user, arrivals, swappedCount },
      earlierCount: arrivedCount - arrivals.length,
    }));
  }

  private note(lane: UserLane, arrival: Arrival): void {
    this.arrivedCount += 1;
    lane.movedAt = this.arrivedCount;
    lane.arrivedCount += 1;
    lane.arrivals = [...lane.arrivals, arrival].slice(-ARRIVAL_COUNT_MAX);
    if (arrival.finding === 'swapped') lane.swappedCount += 1;
  }

  /** First come, first shown; later only a user with something to show takes the place of one without. */
  private show(lane: UserLane): void {
    if (this.shown.includes(lane)) return;
    if (this.shown.length < LANE_COUNT_MAX) {
      this.shown.push(lane);
      return;
    }
    if (lane.swappedCount === 0 && lane.user !== this.pinned) return;
    const dull = this.shown.filter(({ swappedCount, user }) => swappedCount === 0 && user !== this.pinned);
    const [stillest] = dull.sort((left, right) => left.movedAt - right.movedAt);
    if (stillest !== undefined) this.shown.splice(this.shown.indexOf(stillest), 1, lane);
  }

  private laneOf(user: string): UserLane {
    const known = this.users.get(user);
    if (known !== undefined) return known;
    const lane: UserLane = {
      ...{ user, delivered: new IntervalSet(), applied: new IntervalSet(), arrivals: [], movedAt: 0 },
      ...{ arrivedCount: 0, swappedCount: 0, restatedCount: 0 },
    };
    this.users.set(user, lane);
    return lane;
  }
}

function byUser(left: UserLane, right: UserLane): number {
  return left.user < right.user ? -1 : 1;
}

function findingOf(isFirst: boolean, sequence: number, before: number): Finding {
  if (!isFirst) return 'again';
  return sequence > before ? 'in-order' : 'swapped';
}
