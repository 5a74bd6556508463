/** Roots and consequences (anomalies 5): which occurrences of a class another class explains, by event and user. */
import { type AnomalyId, IMPLIES } from '../model/anomaly';
import type { ClassTally, UserTally } from './class-tally';
import type { UserLedger } from './user-ledger';

export type Tallies = ReadonlyMap<AnomalyId, ClassTally>;

/** What explains the occurrences of one class at one user. */
export interface Explanation {
  readonly explainedCount: number;
  readonly causes: readonly AnomalyId[];
}

export function explainAt(id: AnomalyId, user: UserLedger | null, tallies: Tallies): Explanation {
  const tally = tallies.get(id)?.byUser.get(user);
  if (tally === undefined) return { explainedCount: 0, causes: [] };
  const roots = IMPLIES.filter(({ consequence }) => consequence === id).flatMap(({ root, scope }) => {
    const explaining = tallies.get(root)?.byUser.get(user);
    return explaining === undefined ? [] : [{ root, scope, explaining }];
  });
  const wholeUser = roots.filter(({ scope }) => scope === 'same-user').map(({ root }) => root);
  const sameEvent = roots.filter(({ scope, explaining }) => scope === 'same-event' && meet(tally, explaining));
  const causes = [...wholeUser, ...sameEvent.map(({ root }) => root)];
  if (wholeUser.length > 0) return { explainedCount: tally.count, causes };
  const explainedCount = countIn(
    tally,
    sameEvent.map(({ explaining }) => explaining),
  );
  return { explainedCount, causes };
}

function meet(consequence: UserTally, root: UserTally): boolean {
  for (const [start, end] of consequence.sequences.runs()) {
    const first = root.sequences.above(start - 1);
    if (first !== null && first <= end) return true;
  }
  return false;
}

/** Occurrences whose event is among those of a root. */
function countIn(tally: UserTally, roots: readonly UserTally[]): number {
  if (roots.length === 0) return 0;
  const isExplained = (sequence: number) => roots.some((root) => root.sequences.has(sequence));
  let count = tally.repeats.filter(isExplained).length;
  for (const [start, end] of tally.sequences.runs())
    for (let sequence = start; sequence <= end; sequence += 1) if (isExplained(sequence)) count += 1;
  return count;
}
