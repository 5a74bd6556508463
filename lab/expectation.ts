/** Expectation: holds a verdict to what its scenario states. `--expect` exits 0 exactly when nothing is missing or beyond. */
import type { AnomalyId } from '../shared/model/anomaly';
import type { Expectation } from '../shared/model/scenario';
import type { Verdict } from '../shared/model/verdict';

/** Every way in which the verdict differs, one sentence each; none: as expected. */
export function differences(expected: Expectation, verdict: Verdict): readonly string[] {
  return [
    ...statusDifference(expected, verdict),
    ...missing(expected, verdict),
    ...beyond(expected, verdict),
    ...resultDifference(expected, verdict),
  ];
}

function statusDifference(expected: Expectation, { status }: Verdict): readonly string[] {
  return status === expected.status ? [] : [`the verdict is ${status} where ${expected.status} was expected`];
}

function missing({ roots, anyOf }: Expectation, { anomalies }: Verdict): readonly string[] {
  const rooted = anomalies.filter(({ rootCount }) => rootCount > 0).map(({ id }) => id);
  const reported = anomalies.map(({ id }) => id);
  return [
    ...roots.filter((id) => !rooted.includes(id)).map((id) => `${id} was expected as a root`),
    ...anyOf
      .filter((group) => !group.some((id) => reported.includes(id)))
      .map((group) => `one of ${group.join(', ')} was expected`),
  ];
}

/** Beyond what was stated: a class that must be absent, or a forbidden one that nobody mentioned. */
function beyond(expected: Expectation, { anomalies }: Verdict): readonly string[] {
  const stated = new Set<AnomalyId>([...expected.roots, ...expected.also, ...expected.anyOf.flat()]);
  return anomalies.flatMap(({ id, standing, count }) => {
    if (expected.absent.includes(id)) return [`${id} was reported ${count} times where none was expected`];
    return standing === 'forbidden' && !stated.has(id) ? [`${id} was not expected`] : [];
  });
}

function resultDifference({ resultTopic }: Expectation, verdict: Verdict): readonly string[] {
  if (resultTopic === null || JSON.stringify(resultTopic) === JSON.stringify(verdict.resultTopic)) return [];
  return [
    `the result topic reads ${JSON.stringify(verdict.resultTopic)} where ${JSON.stringify(resultTopic)} was expected`,
  ];
}
