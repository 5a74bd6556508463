/**
 * Explanations: from one user's records and the run's verdict to a text that a person can act on. The drawing first, the
 * verdict under it: plain words, then codes, causes before consequences.
 */
import { ANOMALY_CLASSES, type AnomalyId, familyOf } from '../model/anomaly';
import type { HeaderBody, HistoryRecord } from '../model/history';
import type { AnomalyReport, Verdict } from '../model/verdict';
import { createChecker } from './check';
import { drawTimeline, TIMELINE_WIDTH_MAX } from './timeline';
import { type Mark, marksOf, SIGNS, type Sign } from './timeline-mark';

export interface Explainable {
  /** The user's records and those of streams Run, Cause and Fault, in order. */
  readonly records: readonly HistoryRecord[];
  /** Of the whole run. */
  readonly verdict: Verdict;
  readonly user: string;
}

/** Up to here all of a user's steps are drawn, above only those of the events in the witness. */
const MARK_COUNT_MAX = 60;
/** Anomalies of the user that are told. */
const ANOMALY_COUNT_MAX = 8;

/** The user of the first witness, roots first; null when no anomaly names one. */
export function witnessUser(verdict: Verdict): string | null {
  return verdict.anomalies.find(({ witness }) => witness.user !== '')?.witness.user ?? null;
}

export function explain({ records, verdict, user }: Explainable): string {
  const header = records.find(isHeader);
  const anomalies = anomaliesOf(records);
  const allMarks = marksOf(records);
  const marks = focused(allMarks, anomalies[0]);
  const hiddenCount = allMarks.length - marks.length;
  const log = header === undefined ? [] : sequencesOn(records, header.topic);
  const resultTopic = header?.resultTopic ?? null;
  const results = resultTopic === null ? null : sequencesOn(records, resultTopic);
  return [
    titleOf(user, header),
    '',
    drawTimeline({ log, results, marks }),
    ...(hiddenCount > 0 ? ['', `${hiddenCount} steps of other events and consumers are not drawn`] : []),
    '',
    ...verdictLines(verdict, anomalies, user),
    '',
    legendOf(marks),
  ].join('\n');
}

function isHeader(record: HistoryRecord): record is HistoryRecord & HeaderBody {
  return record.stream === 'Run' && record.type === 'header';
}

function titleOf(user: string, header: HeaderBody | undefined): string {
  if (header === undefined) return `user ${user}`;
  return `user ${user}: ${header.topology.subscriptionType}, ${header.strategy}, claim ${header.claim}`;
}

/**
 * Every class but the checker's own honesty is decided user by user, so judging one user's records again gives what
 * befell this user. Counters of recorders have holes here by construction.
 */
function anomaliesOf(records: readonly HistoryRecord[]): readonly AnomalyReport[] {
  const checker = createChecker();
  for (const record of records) checker.observe(record);
  return checker.finish().anomalies.filter(({ id }) => familyOf(id) !== 'H');
}

function sequencesOn(records: readonly HistoryRecord[], topic: string): readonly number[] {
  return records.flatMap((record) =>
    record.stream === 'Log' && record.topic === topic && record.event !== null ? [record.event.sequence] : [],
  );
}

/** All steps when they are few; else those of the events in the witness, and what became of the consumers drawn. */
function focused(marks: readonly Mark[], anomaly: AnomalyReport | undefined): readonly Mark[] {
  const lanes = new Set(marks.filter(({ sequence }) => sequence !== null).map(({ lane }) => lane));
  const known = marks.filter(({ lane }) => lanes.has(lane));
  const sequences = new Set(anomaly?.witness.events.map(({ sequence }) => sequence));
  if (known.length <= MARK_COUNT_MAX || sequences.size === 0) return known;
  const concerned = known.filter(({ sequence }) => sequence !== null && sequences.has(sequence));
  const busy = new Set(concerned.map(({ lane }) => lane));
  return known.filter((mark) => concerned.includes(mark) || (busy.has(mark.lane) && isFate(mark)));
}

function isFate({ sign }: Mark): boolean {
  return sign === 'X' || sign === 'L' || sign === 'J';
}

function verdictLines(verdict: Verdict, anomalies: readonly AnomalyReport[], user: string): readonly string[] {
  if (anomalies.length === 0) return [`${verdict.status}: nothing befell ${user}`, ...verdict.reasons.map(indented)];
  const told = anomalies.slice(0, ANOMALY_COUNT_MAX).map(({ plain, id, witness, causedBy, status }) => {
    const cause = causedBy.length === 0 ? '' : `, because of: ${causedBy.map(plainAndCode).join(', ')}`;
    const note = status === 'measured' ? ' [no breach by itself]' : '';
    return indented(`${plain} (${id}): ${witness.sentence}${cause}${note}`);
  });
  const [first] = anomalies;
  const isBreach = first !== undefined && first.status !== 'measured';
  const head = isBreach ? plainAndCode(first.id) : `nothing forbidden befell ${user}`;
  return [`${verdict.status}: ${head}`, ...told];
}

function plainAndCode(id: AnomalyId): string {
  return `${ANOMALY_CLASSES[id].plain} (${id})`;
}

function indented(line: string): string {
  return `  ${line}`;
}

/** Signs that concern no single event. */
const BARE_SIGNS: readonly Sign[] = ['[', ']', 'J', 'L', 'X'];

/** Only the signs that were drawn. */
function legendOf(marks: readonly Mark[]): string {
  const drawn = new Set(marks.map(({ sign }) => sign));
  const signs = (Object.keys(SIGNS) as Sign[]).filter((sign) => drawn.has(sign));
  const lines: string[] = [];
  for (const sign of signs) {
    const entry = `${sign}${BARE_SIGNS.includes(sign) ? '' : 'n'} ${SIGNS[sign]}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + entry.length + 3 <= TIMELINE_WIDTH_MAX)
      lines[lines.length - 1] = `${last} | ${entry}`;
    else lines.push(entry);
  }
  return lines.join('\n');
}
