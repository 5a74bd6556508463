/** Scenarios: topology + strategy + workload + faults + expected verdict, as data with a paragraph. */
import type { AnomalyId } from './anomaly';
import type { Plan } from './plan';
import type { VerdictStatus } from './verdict';

/** What `--expect` holds a run to. */
export interface Expectation {
  readonly status: VerdictStatus;
  /** Anomaly classes that must be among the roots. */
  readonly roots: readonly AnomalyId[];
  /** Of each group, at least one class must be reported. */
  readonly anyOf: readonly (readonly AnomalyId[])[];
  /** Classes beyond `roots` and `anyOf` that may be reported as well. Any other forbidden class fails the expectation. */
  readonly also: readonly AnomalyId[];
  /** Classes that must not be reported at all, allowed or not. */
  readonly absent: readonly AnomalyId[];
  /** The result topic, literally; null: not stated. */
  readonly resultTopic: readonly number[] | null;
}

export interface Scenario {
  /** Kebab-case; the broken twin is called NAME-naive. */
  readonly name: string;
  /** One paragraph: what is shown, why it matters, what to look at. */
  readonly paragraph: string;
  /** The plan without its seed. What it needs of its world beyond the ordinary follows from its faults: needsOf. */
  readonly plan: Omit<Plan, 'seed' | 'scenario'>;
  /** Each fault strikes up to this many applied events later than the plan says, as the seed decides. Default: 0. */
  readonly faultSpread?: number;
  readonly expected: Expectation;
}
