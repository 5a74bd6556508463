/** Findings: what a run shows against a consumer, sorted by the three questions that a test asks. */
import { createChecker } from '../../shared/checker/check';
import type { AnomalyId } from '../../shared/model/anomaly';
import type { Verdict } from '../../shared/model/verdict';
import { differenceOf, type Fold, type FoldedEvent, type StateDifference } from './state-difference';
import type { Performance } from './trial';
import type { Effects } from './trial-plan';

/** Does each user's order hold? Did each event take effect once? Is anything missing? */
export const QUESTIONS = ['order', 'once', 'loss'] as const;
export type Question = (typeof QUESTIONS)[number];

export interface Finding {
  readonly question: Question;
  /** The class of the checker; null: read from an end state. */
  readonly anomaly: AnomalyId | null;
  readonly user: string;
  readonly sequences: readonly number[];
  /** Plain words first. */
  readonly sentence: string;
}

/** Which question a class of anomaly answers. Classes that are no fault of a consumer are not asked about. */
const QUESTIONS_OF: Readonly<Partial<Record<AnomalyId, readonly Question[]>>> = {
  D1: ['loss'],
  D3: ['order'],
  D5: ['order'],
  D6: ['order'],
  X1: ['loss', 'once'],
  X2: ['once'],
  X3: ['order'],
  X4: ['order'],
  X5: ['order'],
  X6: ['once'],
};

const QUESTIONS_OF_DIFFERENCE: Readonly<Record<StateDifference['kind'], readonly Question[]>> = {
  lost: ['once', 'loss'],
  twice: ['once'],
  moved: ['once', 'order'],
  unexplained: ['once'],
};

export function verdictOf({ records }: Pick<Performance<unknown>, 'records'>): Verdict {
  const checker = createChecker();
  for (const record of records) checker.observe(record);
  return checker.finish();
}

/** Of the history. */
export function findingsOf(verdict: Verdict): readonly Finding[] {
  return verdict.anomalies.flatMap(({ id, plain, standing, count, witness }) => {
    if (standing !== 'forbidden') return [];
    const sequences = witness.events.map(({ sequence }) => sequence);
    const sentence = `${plain} (${id}), ${count} times, such as: ${witness.sentence}`;
    return (QUESTIONS_OF[id] ?? []).map((question) => ({
      ...{ question, anomaly: id, user: witness.user, sequences, sentence },
    }));
  });
}

/** What was published and stayed unacknowledged when the run was given up. */
export function unfinishedOf({ records }: Pick<Performance<unknown>, 'records'>): readonly Finding[] {
  const quiescence = records.find((record) => record.stream === 'Run' && record.type === 'quiescence');
  if (quiescence === undefined || !('backlog' in quiescence) || quiescence.state === 'drained') return [];
  const sentence = `did not finish: ${quiescence.backlog} messages are still unacknowledged, and nothing moves any more`;
  return QUESTIONS.map((question) => ({ question, anomaly: 'H5', user: '', sequences: [], sentence }));
}

/** Of the end states that `effects` reads, given what they are. */
export function stateFindings<Event>(
  performance: Performance<Event>,
  { fold }: Pick<Effects<Event>, 'fold'>,
  states: ReadonlyMap<string, unknown>,
): readonly Finding[] {
  const again = redelivered(performance);
  const differences = [...states].flatMap(([user, actual]) => {
    const events = performance.stock.filter((stock) => stock.user === user);
    const folded: FoldedEvent[] = events.map(({ sequence, event }) => ({
      ...{ sequence, event, cameAgain: again.has(`${user} ${sequence}`) },
    }));
    return differenceOf(user, folded, fold as Fold, actual) ?? [];
  });
  return differences
    .sort(bySize)
    .flatMap(({ kind, user, sequences, sentence }) =>
      QUESTIONS_OF_DIFFERENCE[kind].map((question) => ({ question, anomaly: null, user, sequences, sentence })),
    );
}

/** Explained ones first, then those with the fewest events. */
function bySize(one: StateDifference, other: StateDifference): number {
  const sizeOf = ({ kind, sequences }: StateDifference) => (kind === 'unexplained' ? Infinity : sequences.length);
  return sizeOf(one) - sizeOf(other) || 0;
}

function redelivered({ records }: Pick<Performance<unknown>, 'records'>): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const record of records) {
    if (record.stream !== 'Del' || record.type !== 'received') continue;
    const place = `${record.user} ${record.sequence}`;
    (seen.has(place) ? again : seen).add(place);
  }
  return again;
}
