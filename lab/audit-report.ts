/** Audit report: what a head audit found, as data for scripts and as lines for people. Pure. */
import { type HeadAudit, type HeadFinding, isRepaired } from '../consumers/auditor';
import { unreachable } from '../shared/model/invariant';

/** in-step: nothing was found. repaired: what was found is no more. */
export type AuditState = 'in-step' | 'repaired' | 'out-of-step';

export interface AuditReport {
  readonly state: AuditState;
  /** Whether the audit was asked to repair. */
  readonly fix: boolean;
  readonly userCount: number;
  readonly appliedCount: number;
  /** Messages that the subscription had not acknowledged when the audit began; null: no subscription was named. */
  readonly backlog: number | null;
  readonly findings: readonly HeadFinding[];
}

/** Users of a report that are shown; all of them are in the JSON. */
const FINDINGS_SHOWN_MAX = 20;

export function auditReport(audit: HeadAudit, fix: boolean, backlog: number | null): AuditReport {
  const { userCount, appliedCount, findings } = audit;
  const state = findings.length === 0 ? 'in-step' : findings.every(isRepaired) ? 'repaired' : 'out-of-step';
  return { state, fix, userCount, appliedCount, backlog, findings };
}

export function auditLines(report: AuditReport): readonly string[] {
  const { findings } = report;
  const shown = findings.slice(0, FINDINGS_SHOWN_MAX).map((finding) => `  ${findingText(finding)}`);
  const hiddenCount = findings.length - shown.length;
  return [
    headline(report),
    ...shown,
    ...(hiddenCount === 0 ? [] : [`  and ${hiddenCount} more users (--json shows all)`]),
    ...advice(report),
  ];
}

function headline({ state, userCount, appliedCount, findings }: AuditReport): string {
  switch (state) {
    case 'in-step':
      return `IN STEP: the models of ${userCount} users are where their log is`;
    case 'repaired':
      return `REPAIRED: ${findings.length} of ${userCount} users were behind; ${appliedCount} events were applied from the log`;
    case 'out-of-step':
      return `OUT OF STEP: ${findings.filter((each) => !isRepaired(each)).length} of ${userCount} users`;
    default:
      return unreachable(state, 'state');
  }
}

function findingText(finding: HeadFinding): string {
  const { kind, user, version, head } = finding;
  switch (kind) {
    case 'behind':
      return `${user} behind: applied to #${version}, the log goes to #${head}${reachedText(finding)}`;
    case 'gap':
      return `${user} gap: applied to #${version}, the log goes to #${head} and lacks #${finding.missing}${reachedText(finding)}`;
    case 'ahead':
      return `${user} ahead: applied to #${version}, the log ${head === 0 ? 'has nothing of it' : `ends at #${head}`}`;
    default:
      return unreachable(kind, 'finding');
  }
}

function reachedText({ version, reached }: { readonly version: number; readonly reached: number }): string {
  return reached === version ? '' : `; repaired to #${reached}`;
}

/** What to do about what is left. */
function advice({ fix, backlog, findings }: AuditReport): readonly string[] {
  const left = new Set(findings.filter((finding) => !isRepaired(finding)).map(({ kind }) => kind));
  const waiting = backlog !== null && backlog > 0;
  return [
    ...(left.has('behind') && waiting
      ? [`${backlog} messages are not acknowledged yet: who is behind may only be waiting for one of them`]
      : []),
    ...((left.has('behind') || left.has('gap')) && !fix ? ['the same command with --fix applies what is missing'] : []),
    ...(left.has('gap')
      ? ['a gap stands in the log itself: find out whether the event was published before anything goes past it']
      : []),
    ...(left.has('ahead')
      ? ['ahead: the log lost its end or its retention, or this is another log; nothing was changed there']
      : []),
  ];
}
