/** Report of a load: verdict, figures and their lines. */
import type { StreamBreach, StreamJudgement } from '../../shared/checker/effect-stream';
import { ANOMALY_CLASSES, type AnomalyId } from '../../shared/model/anomaly';
import type { Plan } from '../../shared/model/plan';
import type { FloorReport, VerdictStatus } from '../../shared/model/verdict';
import type { Quiescence } from '../quiescence';
import { printable } from '../report';
import type { LatencyFigures } from './latency';
import type { LoadShape } from './load-settings';
import type { LoadSecond } from './load-tally';

/** How many events of each kind. */
export interface LoadCounts {
  readonly sent: number;
  readonly stored: number;
  readonly failed: number;
  readonly unknown: number;
  readonly applied: number;
  readonly swapped: number;
  readonly repeated: number;
  readonly lost: number;
  readonly duplicatesAbsorbed: number;
  readonly redelivered: number;
  readonly users: number;
}

/** What `--json` prints, and load.json holds. Latencies in milliseconds. */
export interface LoadReport {
  readonly verdict: VerdictStatus;
  readonly reasons: readonly string[];
  readonly floors: readonly FloorReport[];
  readonly topology: Plan['topology'];
  readonly strategy: Plan['strategy'];
  readonly shape: LoadShape;
  readonly counts: LoadCounts;
  /** Events per second: asked for (null: a trace's own time), sent, and with effect from the first event to the last. */
  readonly rates: { readonly asked: number | null; readonly sent: number; readonly applied: number };
  /** From the intended time to the effect. */
  readonly latency: LatencyFigures;
  /** From the intended time to the answer that the event is stored. */
  readonly sendLatency: LatencyFigures;
  /** From the intended time to the send: the generator's own clock error. */
  readonly lateness: LatencyFigures;
  readonly series: readonly LoadSecond[];
  /** Compressed HDR of the three, to be merged with those of other processes. */
  readonly histograms: { readonly latency: string; readonly sendLatency: string; readonly lateness: string };
  readonly seed: string;
  readonly replay: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** What a load is judged by. */
export interface LoadEvidence {
  readonly judgement: StreamJudgement;
  readonly ended: Quiescence;
  readonly sends: { readonly sent: number; readonly stored: number; readonly failed: number; readonly unknown: number };
  readonly floors: readonly FloorReport[];
  readonly isInterrupted: boolean;
}

/** Breaches make it invalid; without one it is valid only if it could have failed: above its floors, and drained. */
export function judgeLoad({
  judgement,
  ended,
  sends,
  floors,
  isInterrupted,
}: LoadEvidence): Pick<LoadReport, 'verdict' | 'reasons'> {
  const { swapped, repeated, lost, unannounced } = judgement;
  const isDrained = ended.state !== 'deadline';
  const breaches = [
    ...breachOf('X3', swapped),
    ...breachOf('X2', repeated),
    /** What still waits at a broker that is not drained is late, not lost. */
    ...(isDrained ? breachOf('X1', lost) : []),
  ];
  const doubts = [
    ...(isInterrupted ? ['interrupted before every event was published'] : []),
    ...(isDrained ? [] : [`not drained: ${ended.backlog} messages are left and nothing moves`]),
    ...(sends.failed > 0 ? [`${sends.failed} events could not be stored`] : []),
    ...(unannounced.count > sends.unknown
      ? [`${unannounced.count} effects without a send: ${unannounced.witness}`]
      : []),
    ...floors
      .filter(({ holds }) => !holds)
      .map(({ name, required, reached }) => `below the floor: ${name} ${reached} (needs ${required})`),
  ];
  const verdict = breaches.length > 0 ? 'invalid' : doubts.length > 0 ? 'unknown' : 'valid';
  return { verdict, reasons: [...breaches, ...doubts] };
}

function breachOf(id: AnomalyId, { count, witness }: StreamBreach): readonly string[] {
  return count === 0 ? [] : [`${ANOMALY_CLASSES[id].plain} (${id}): ${count}, such as: ${witness}`];
}

const HEADLINE: Readonly<Record<VerdictStatus, string>> = {
  valid: 'VALID: in order, each once, nothing lost, under this load',
  invalid: 'INVALID: order or effect did not hold under this load',
  unknown: 'UNKNOWN: the load cannot be judged',
};

/** Lines for people. */
export function loadLines(report: LoadReport): readonly string[] {
  const { counts, rates, latency, sendLatency, lateness, reasons, floors } = report;
  const asked = rates.asked === null ? "the trace's own time" : `${rounded(rates.asked)} asked`;
  return [
    HEADLINE[report.verdict],
    ...reasons.map((reason) => `  ${reason}`),
    `  sent ${counts.sent}, stored ${counts.stored}, failed ${counts.failed}, unknown ${counts.unknown}; events/s: ${asked}, ${rounded(rates.sent)} sent, ${rounded(rates.applied)} with effect`,
    `  applied ${counts.applied} of ${counts.users} users; swapped ${counts.swapped}, twice ${counts.repeated}, lost ${counts.lost}, duplicates absorbed ${counts.duplicatesAbsorbed}`,
    `  intended to effect, ms:  ${latencyText(latency)}`,
    `  intended to stored, ms:  ${latencyText(sendLatency)}`,
    `  intended to sent, ms:    ${latencyText(lateness)}  (the generator's own error)`,
    `  floors: ${floors.map(({ name, reached, required }) => `${name} ${rounded(reached)} (needs ${rounded(required)})`).join(', ')}`,
  ].map(printable);
}

/** A second as a line, for who watches. */
export function secondLine({ atS, sent, applied, p50, p99, max, swapped, repeated, backlog }: LoadSecond): string {
  const latency = `p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)}  max ${max.toFixed(1)} ms`;
  return `${String(atS).padStart(5)} s  sent ${sent}  applied ${applied}  ${latency}  backlog ${backlog}  swapped ${swapped}  twice ${repeated}`;
}

export function latencyText({ p50, p90, p99, p999, max }: LatencyFigures): string {
  return `p50 ${rounded(p50)}  p90 ${rounded(p90)}  p99 ${rounded(p99)}  p99.9 ${rounded(p999)}  max ${rounded(max)}`;
}

function rounded(figure: number): string {
  return String(Math.round(figure * 100) / 100);
}
