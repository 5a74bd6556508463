/** The message of a failed expectation: what happened, the drawing, the likely fix, and how to see it again. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../shared/checker/explain';
import type { HistoryRecord } from '../../shared/model/history';
import { adviceFor } from './advice';
import type { Finding, Question } from './finding';
import type { KitRun } from './kit-run';
import { replayOf } from './replay';

const EXPECTED: Readonly<Record<Question, string>> = {
  order: 'keep the order of each user',
  once: 'apply each event exactly once',
  loss: 'lose nothing',
};

/** Findings beyond this many are counted. */
const FINDINGS_SHOWN_MAX = 5;

/** `findings` is not empty. */
export function failureMessage(run: KitRun<never>, question: Question, findings: readonly Finding[]): string {
  const [first] = findings;
  const folder = mkdtempSync(join(tmpdir(), 'orderlab-'));
  run.writeHistory(folder);
  const user = first?.user ?? '';
  return [
    `the consumers did not ${EXPECTED[question]}:`,
    ...findings.slice(0, FINDINGS_SHOWN_MAX).map(({ sentence }) => `  ${sentence}`),
    ...(findings.length > FINDINGS_SHOWN_MAX ? [`  and ${findings.length - FINDINGS_SHOWN_MAX} more users`] : []),
    ...(user === '' ? [] : ['', story(run, user)]),
    '',
    `likely fix: ${adviceFor(run, question, findings)}`,
    '',
    ...run.performance.notes.map((note) => `note: ${note}`),
    `seed ${run.seed}: ${sizeOf(run)}`,
    `replay: ${replayOf(run.plan)}`,
    `history: orderlab explain ${folder}${user === '' ? '' : ` --user ${user}`}`,
  ].join('\n');
}

export function doubtMessage(run: KitRun<never>, question: Question, doubts: readonly string[]): string {
  return [
    `the run does not show whether the consumers ${EXPECTED[question]}: nothing speaks against it, but it could not have failed:`,
    ...doubts.map((doubt) => `  ${doubt}`),
    '',
    `seed ${run.seed}: ${sizeOf(run)}`,
    `replay: ${replayOf(run.plan)}`,
  ].join('\n');
}

export function negatedMessage(run: KitRun<never>, question: Question): string {
  return [
    `the consumers did ${EXPECTED[question]}, where the test expects that they do not`,
    `seed ${run.seed}: ${sizeOf(run)}`,
    `replay: ${replayOf(run.plan)}`,
  ].join('\n');
}

/** One user's records and what concerns everybody, drawn as everywhere else. */
function story({ history, verdict }: KitRun<never>, user: string): string {
  return explain({ records: history.filter((record) => concerns(record, user)), verdict, user });
}

function concerns(record: HistoryRecord, user: string): boolean {
  if (record.stream === 'Run' || record.stream === 'Cause' || record.stream === 'Fault') return true;
  if (record.stream === 'Log') return record.event?.user === user;
  return 'user' in record && record.user === user;
}

function sizeOf({ plan, performance, runCount }: KitRun<never>): string {
  const faults = plan.faults.map(({ kind }) => kind).join(', ') || 'no faults';
  const runs = runCount === 1 ? '' : `, after ${runCount} runs`;
  return (
    `${plan.consumers} consumers on ${performance.subscriptionType}, ${plan.users} users of ` +
    `${plan.eventsPerUser} events, ${faults}${runs}`
  );
}
