/** Report of a conformance run, as lines of text. */
import type { ExcusedDifference, ScriptReport } from './duel';
import type { Difference } from './facts';
import { KNOWN_DIFFERENCES } from './known-differences';

/** Lines of facts that one script may print; more would say no more. */
const DIFFERENCES_SHOWN_MAX = 8;

const WORDS = { agrees: 'agrees ', differs: 'DIFFERS', failed: 'FAILED ' } as const;

/** One line, and where it did not agree what was seen. */
export function scriptLines({ script, end, comparedCount, excused, tookMs }: ScriptReport): readonly string[] {
  const seconds = (tookMs / 1000).toFixed(1);
  const listed = excused.length === 0 ? '' : `, ${excused.length} listed differences`;
  const head = `${WORDS[end.kind]}  ${script}: ${comparedCount} facts compared in ${seconds} s${listed}`;
  switch (end.kind) {
    case 'agrees':
      return [head];
    case 'differs':
      return [head, `           after ${end.after}`, ...differenceLines(end.differences)];
    default:
      return [head, `           at ${end.after}: ${end.problem}`];
  }
}

function differenceLines(differences: readonly Difference[]): readonly string[] {
  const shown = differences.slice(0, DIFFERENCES_SHOWN_MAX);
  const lines = shown.flatMap(({ fact, model, broker }) => [
    `           ${fact}`,
    `             model  ${model}`,
    `             broker ${broker}`,
  ]);
  const hiddenCount = differences.length - shown.length;
  return hiddenCount === 0 ? lines : [...lines, `           and ${hiddenCount} more`];
}

/** The end of the report: what is excused and why, what no script can show, the sum. */
export function conformanceLines(reports: readonly ScriptReport[], scriptCount: number): readonly string[] {
  const agreeing = reports.filter(({ end }) => end.kind === 'agrees').length;
  const facts = reports.reduce((sum, { comparedCount }) => sum + comparedCount, 0);
  const missing = scriptCount - reports.length;
  return [
    `known differences:${KNOWN_DIFFERENCES.length === 0 ? ' none' : ''}`,
    ...KNOWN_DIFFERENCES.map(({ scripts, fact, reason }) => {
      const met = reports.flatMap(({ excused }) => excused.filter((each: ExcusedDifference) => each.reason === reason));
      return `  ${scripts?.join(', ') ?? 'every script'}, ${fact.source}: ${reason} (met ${met.length} times)`;
    }),
    'what no script can reach: conformance --list',
    ...(missing === 0 ? [] : [`${missing} of ${scriptCount} scripts were not played`]),
    `${agreeing} of ${reports.length} scripts agree, ${facts} facts compared`,
  ];
}
