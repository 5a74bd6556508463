/** Verdicts: valid, invalid or unknown, with the evidence. */
import type { AnomalyId } from './anomaly';
import type { Standing } from './guarantee';
import type { Claim, EventRef } from './plan';

export const VERDICT_STATUSES = ['valid', 'invalid', 'unknown'] as const;
export type VerdictStatus = (typeof VERDICT_STATUSES)[number];

/** The smallest piece of history that shows an anomaly. */
export interface Witness {
  readonly user: string;
  /** The events that take part, cause first. */
  readonly events: readonly EventRef[];
  /** One sentence with the figures in it. */
  readonly sentence: string;
}

/** All occurrences of one class in one run. */
export interface AnomalyReport {
  readonly id: AnomalyId;
  readonly name: string;
  readonly plain: string;
  readonly standing: Standing;
  /** root: on its own. consequence: explained by `causedBy`. hazard or information: no breach by itself. */
  readonly status: 'root' | 'consequence' | 'measured';
  readonly causedBy: readonly AnomalyId[];
  /** Occurrences; `rootCount` of them are not explained by another anomaly. */
  readonly count: number;
  readonly rootCount: number;
  readonly possibleCount: number;
  /** Occurrences by how they came about. */
  readonly how: Readonly<Record<string, number>>;
  readonly witness: Witness;
}

/** One floor with what the run reached. */
export interface FloorReport {
  readonly name: string;
  readonly required: number;
  readonly reached: number;
  readonly holds: boolean;
}

export interface Counts {
  readonly published: number;
  readonly delivered: number;
  readonly redelivered: number;
  readonly applied: number;
  readonly duplicatesAbsorbed: number;
  readonly parked: number;
  readonly quarantined: number;
  readonly users: number;
  readonly idempotencyKeys: number;
  /** Consumers that crashed. */
  readonly crashes: number;
  /** Of these, the ones of which a message came again at another consumer: the others proved nothing. */
  readonly crashesFollowed: number;
}

export interface Verdict {
  readonly status: VerdictStatus;
  readonly claim: Claim;
  /** Why it is not valid, or what a valid run showed; one sentence each. */
  readonly reasons: readonly string[];
  readonly anomalies: readonly AnomalyReport[];
  readonly floors: readonly FloorReport[];
  readonly counts: Counts;
  /** Sequences on the result topic in log order (at most RESULT_TOPIC_SHOWN_MAX), or null without one. */
  readonly resultTopic: readonly number[] | null;
}

/** Entries of the result topic that a verdict shows. */
export const RESULT_TOPIC_SHOWN_MAX = 64;

const PRIORITY: readonly VerdictStatus[] = ['invalid', 'unknown', 'valid'];

/** Merges verdicts: invalid beats unknown beats valid. Of nothing: unknown. */
export function mergeStatuses(statuses: readonly VerdictStatus[]): VerdictStatus {
  return PRIORITY.find((status) => statuses.includes(status)) ?? 'unknown';
}
