/** Report: a verdict as text for people, and as JUnit for CI. Plain words first, codes after. */
import { unreachable } from '../shared/model/invariant';
import type { AnomalyReport, Verdict } from '../shared/model/verdict';
import type { RunReport } from './run';

/** What a verdict is called in the terminal. */
const HEADLINE: Readonly<Record<Verdict['status'], string>> = {
  valid: 'VALID: every event took effect as claimed',
  invalid: 'INVALID: the claim does not hold',
  unknown: 'UNKNOWN: the run cannot be judged',
};

/** Lines of a verdict: what it is, why, and the figures. */
export function verdictLines(verdict: Verdict): readonly string[] {
  const { status, claim, reasons, anomalies, floors } = verdict;
  const { published, applied, delivered, redelivered, duplicatesAbsorbed, parked, quarantined, users } = verdict.counts;
  return [
    `${HEADLINE[status]} (claim ${claim})`,
    ...reasons
      .filter((reason) => !anomalies.some(({ plain, id }) => reason.startsWith(`${plain} (${id})`)))
      .map((reason) => `  ${reason}`),
    ...anomalies.map(anomalyLine),
    `  published ${published}, delivered ${delivered}, delivered again ${redelivered}, applied ${applied}, ` +
      `duplicates absorbed ${duplicatesAbsorbed}`,
    `  parked ${parked}, quarantined ${quarantined}, users ${users}, idempotency keys ${verdict.counts.idempotencyKeys}`,
    ...killedLines(verdict),
    `  floors: ${floors.map(({ name, reached, required }) => `${name} ${round(reached)} (needs ${round(required)})`).join(', ')}`,
  ].map(printable);
}

/** A consumer of which nothing came again had nothing in hand: its death proved nothing. */
function killedLines({ counts: { crashes, crashesFollowed } }: Verdict): readonly string[] {
  return crashes === 0
    ? []
    : [`  consumers killed ${crashes}, with a delivery in hand that came again ${crashesFollowed}`];
}

/** Roots with their witness first; what follows from them and what is only counted after. */
function anomalyLine({ id, plain, status, count, standing, causedBy, witness }: AnomalyReport): string {
  switch (status) {
    case 'root':
      return `  ${plain} (${id}): ${count}, such as: ${witness.sentence}`;
    case 'consequence':
      return `    so: ${plain} (${id}): ${count}, follows from ${causedBy.join(', ')}`;
    case 'measured':
      return `  counted: ${plain} (${id}): ${count}, ${standing}`;
    default:
      return unreachable(status, 'place of an anomaly');
  }
}

function round(figure: number): string {
  return String(Math.round(figure * 100) / 100);
}

/** Text from a history may carry terminal escapes; a report never does. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

/** One test case: `invalid` is a failure, `unknown` an error, as CI servers tell them apart. */
export function junit(report: RunReport, problems: readonly string[], elapsedMs: number): string {
  const failed = problems.length > 0;
  const isError = report.verdict === 'unknown';
  const name = escapeXml(`${report.scenario} (claim ${report.claim}, seed ${report.seed})`);
  const detail = escapeXml([...problems, ...report.reasons, `replay: ${report.replay}`].join('\n'));
  const tag = isError ? 'error' : 'failure';
  const body = failed ? `<${tag} message="${escapeXml(problems[0] ?? '')}">${detail}</${tag}>` : '';
  const seconds = (elapsedMs / 1_000).toFixed(3);
  const sums = `tests="1" failures="${failed && !isError ? 1 : 0}" errors="${failed && isError ? 1 : 0}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${sums} time="${seconds}"><testsuite name="orderlab" ${sums} time="${seconds}">`,
    `<testcase classname="orderlab" name="${name}" time="${seconds}">${body}</testcase>`,
    '</testsuite></testsuites>',
    '',
  ].join('\n');
}

const XML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold even as a character reference: half a pair of surrogates, and the two non-characters. */
const NOT_XML = /[\ud800-\udfff\ufffe\uffff]/gu;

function escapeXml(text: string): string {
  const shown = printable(text.replaceAll('\n', ' | ')).replace(NOT_XML, '?');
  return shown.replace(/[&<>"]/g, (character) => XML_ENTITIES[character] ?? '');
}
