/** Judgement: from tallied occurrences and the guarantees of the run to reports of classes and the status of the run. */
import { ANOMALY_CLASSES, ANOMALY_IDS, type AnomalyId, familyOf } from '../model/anomaly';
import { EXCUSED_HOW, type Standing } from '../model/guarantee';
import type { HeaderBody } from '../model/history';
import { type AnomalyReport, mergeStatuses, type VerdictStatus, type Witness } from '../model/verdict';
import { type Explanation, explainAt, type Tallies } from './causes';
import type { ClassTally } from './class-tally';
import type { Occurrence } from './law';
import type { UserLedger } from './user-ledger';

/** A class that occurred, and what it does to the status. */
interface JudgedClass {
  readonly report: AnomalyReport;
  readonly breach: 'definite' | 'possible' | 'none';
}

export interface Judgement {
  readonly status: VerdictStatus;
  readonly anomalies: readonly AnomalyReport[];
  /** The reports that decided the status, in the order in which a reader should see them. */
  readonly decisive: readonly AnomalyReport[];
}

export function judge(tallies: Tallies, header: HeaderBody): Judgement {
  const ids = ANOMALY_IDS.filter((id) => tallies.has(id) && header.guarantees[id] !== 'not-applicable');
  const judged = ids.flatMap((id) => {
    const tally = tallies.get(id);
    return tally === undefined ? [] : [judgeClass(tally, tallies, header)];
  });
  const classes = withHazardRoots(judged);
  const decisive = classes.filter(({ breach }) => breach === 'definite');
  const doubtful = classes.filter(({ breach }) => breach === 'possible');
  return {
    status: mergeStatuses(['valid', ...classes.map(({ breach }) => STATUS_OF_BREACH[breach])]),
    anomalies: classes.map(({ report }) => report).toSorted(byRank),
    decisive: [...decisive, ...doubtful].map(({ report }) => report).toSorted(byRank),
  };
}

const STATUS_OF_BREACH: Readonly<Record<JudgedClass['breach'], VerdictStatus>> = {
  definite: 'invalid',
  possible: 'unknown',
  none: 'valid',
};

const RANK: Readonly<Record<AnomalyReport['status'], number>> = { root: 0, consequence: 1, measured: 2 };

function byRank(one: AnomalyReport, other: AnomalyReport): number {
  return RANK[one.status] - RANK[other.status];
}

function judgeClass(tally: ClassTally, tallies: Tallies, header: HeaderBody): JudgedClass {
  const { id, count } = tally;
  const standing = header.guarantees[id];
  const users = [...tally.byUser.keys()].map((user) => ({ user, explanation: explainAt(id, user, tallies) }));
  const rootCount = count - sum(users.map(({ explanation }) => explanation.explainedCount));
  const definiteCount = sum(users.map(({ user }) => tally.definiteCountAt(user)));
  const causedBy = ANOMALY_IDS.filter((cause) => users.some(({ explanation }) => explanation.causes.includes(cause)));
  const { name, plain } = ANOMALY_CLASSES[id];
  const report: AnomalyReport = {
    ...{ id, name, plain, standing, causedBy },
    status: isExcusedHow(tally, header) ? 'measured' : statusOf(id, standing, rootCount),
    ...{ count, rootCount, possibleCount: count - definiteCount },
    ...{ how: Object.fromEntries(tally.how), witness: witnessOf(tally.smallest) },
  };
  return { report, breach: breachOf(tally, users, header) };
}

function statusOf(id: AnomalyId, standing: Standing, rootCount: number): AnomalyReport['status'] {
  if (isHonesty(id)) return 'root';
  if (standing !== 'forbidden') return 'measured';
  return rootCount > 0 ? 'root' : 'consequence';
}

/** A hazard that explains a breach is its root, although it is no breach by itself. */
function withHazardRoots(judged: readonly JudgedClass[]): readonly JudgedClass[] {
  const explaining = new Set(judged.filter(({ breach }) => breach !== 'none').flatMap(({ report }) => report.causedBy));
  return judged.map(({ report, breach }) =>
    report.standing === 'measured' && report.rootCount > 0 && explaining.has(report.id)
      ? { report: { ...report, status: 'root' }, breach }
      : { report, breach },
  );
}

interface ExplainedUser {
  readonly user: UserLedger | null;
  readonly explanation: Explanation;
}

/** Classes of the checker's own honesty never make a run valid or invalid; they make it unknown. */
function breachOf(tally: ClassTally, users: readonly ExplainedUser[], header: HeaderBody): JudgedClass['breach'] {
  if (isHonesty(tally.id)) return 'possible';
  if (header.guarantees[tally.id] !== 'forbidden' || isExcusedHow(tally, header)) return 'none';
  const counting = users.filter(({ user, explanation }) => !isExcused(tally, user, explanation, header));
  if (counting.length === 0) return 'none';
  return counting.some(({ user }) => tally.definiteCountAt(user) > 0) ? 'definite' : 'possible';
}

/** Consequences of what the claim allows are allowed: only what is wholly explained by such roots is excused. */
function isExcused(
  tally: ClassTally,
  user: UserLedger | null,
  { explainedCount, causes }: Explanation,
  { guarantees }: HeaderBody,
): boolean {
  if (explainedCount < (tally.byUser.get(user)?.count ?? 0)) return false;
  return causes.every((cause) => guarantees[cause] === 'allowed');
}

/** True when the claim excuses every way in which the class came about. */
function isExcusedHow(tally: ClassTally, { claim }: HeaderBody): boolean {
  const excused = EXCUSED_HOW[claim][tally.id] ?? [];
  return excused.length > 0 && [...tally.how.keys()].every((how) => excused.includes(how));
}

function isHonesty(id: AnomalyId): boolean {
  return familyOf(id) === 'H';
}

function witnessOf(occurrence: Occurrence | null): Witness {
  if (occurrence === null) return { user: '', events: [], sentence: '' };
  const user = occurrence.user?.name ?? '';
  return {
    user,
    events: occurrence.events.map((sequence) => ({ user, sequence })),
    sentence: occurrence.sentence(),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
