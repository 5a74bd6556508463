/** Merge: the reports of several processes as one. Counts and rates add up, histograms merge, the worst verdict stands. */

import { invariant } from '../../shared/model/invariant';
import { mergeStatuses } from '../../shared/model/verdict';
import { Latency } from './latency';
import type { LoadCounts, LoadReport } from './load-report';

/** At least one; all of one load. `name` → report. The seconds of different machines are not laid over each other. */
export function mergeReports(reports: ReadonlyMap<string, LoadReport>): LoadReport {
  const all = [...reports.values()];
  const [first] = all;
  invariant(first !== undefined, 'there is a report to merge');
  const named = (pick: (report: LoadReport) => readonly string[]): readonly string[] =>
    [...reports].flatMap(([name, report]) => pick(report).map((text) => `${name}: ${text}`));
  const asked = all.map(({ rates }) => rates.asked);
  const latency = merged(all, 'latency');
  const sendLatency = merged(all, 'sendLatency');
  const lateness = merged(all, 'lateness');
  return {
    ...first,
    verdict: mergeStatuses(all.map(({ verdict }) => verdict)),
    reasons: named(({ reasons }) => reasons),
    floors: [...reports].flatMap(([name, { floors }]) =>
      floors.map((floor) => ({ ...floor, name: `${name}: ${floor.name}` })),
    ),
    counts: sumOf(all.map(({ counts }) => counts)),
    rates: {
      asked: asked.includes(null) ? null : asked.reduce<number>((sum, rate) => sum + (rate ?? 0), 0),
      sent: all.reduce((sum, { rates }) => sum + rates.sent, 0),
      applied: all.reduce((sum, { rates }) => sum + rates.applied, 0),
    },
    ...{ latency: latency.figures, sendLatency: sendLatency.figures, lateness: lateness.figures },
    histograms: { latency: latency.encoded, sendLatency: sendLatency.encoded, lateness: lateness.encoded },
    series: [],
  };
}

function merged(reports: readonly LoadReport[], name: keyof LoadReport['histograms']): Latency {
  const whole = Latency.empty();
  for (const { histograms } of reports) whole.add(Latency.decode(histograms[name]));
  return whole;
}

function sumOf(all: readonly LoadCounts[]): LoadCounts {
  const names = Object.keys(all[0] ?? {}) as (keyof LoadCounts)[];
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, counts) => sum + counts[name], 0)]),
  ) as unknown as LoadCounts;
}
