/**
 * Find-max: the highest rate at which order, effect and latency all hold.
 *
 * Doubles until a step fails, then halves the gap between the highest that held and the lowest that failed. Every step is
 * a whole load in a corner of its own. The search trusts that what fails at a rate fails at higher ones too; it says so
 * by giving the evidence of both sides, and not one figure.
 */
import { OrderlabError } from '../../shared/errors';
import type { LatencyFigures } from './latency';
import type { LoadReport } from './load-report';

/** What a step has to keep, beside a valid verdict. */
export interface LatencyGoal {
  readonly percentile: Exclude<keyof LatencyFigures, 'count'>;
  readonly ms: number;
}

export interface RateStep {
  readonly rate: number;
  readonly holds: boolean;
  /** Why not; empty where it holds. */
  readonly reasons: readonly string[];
  readonly report: LoadReport;
}

export interface FoundRate {
  /** null: not even the first step held, and no lower one was found that did. */
  readonly highest: RateStep | null;
  /** null: nothing failed up to the limit. */
  readonly lowestFailed: RateStep | null;
  readonly steps: readonly RateStep[];
}

export interface FindMaxOptions {
  readonly goal: LatencyGoal;
  readonly startRate: number;
  /** Nothing above it is tried. */
  readonly rateMax: number;
  /** Rates that are closer than this share are one: the search ends there. */
  readonly precision: number;
  /** One load at this rate. */
  readonly load: (rate: number) => Promise<LoadReport>;
  readonly onStep: (step: RateStep) => void;
  readonly stop: { readonly stopping: boolean };
}

/** Below this nothing is looked for. */
const RATE_MIN = 1;

/** Reads `p99=200ms` or `p50=1.5s`. Throws USAGE for anything else. */
export function readGoal(text: string): LatencyGoal {
  const [, percentile = '', figure = '', unit] = /^(p50|p90|p99|p99\.9|max)=(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  if (unit === undefined) {
    throw new OrderlabError('USAGE', {
      problem: `--slo is such as p99=200ms (p50, p90, p99, p99.9 or max), got "${text}"`,
    });
  }
  const name = percentile === 'p99.9' ? 'p999' : (percentile as LatencyGoal['percentile']);
  return { percentile: name, ms: Number(figure) * (unit === 's' ? 1_000 : 1) };
}

export async function findMax(options: FindMaxOptions): Promise<FoundRate> {
  const { startRate, rateMax, precision, stop } = options;
  const steps: RateStep[] = [];
  let highest: RateStep | null = null;
  let lowestFailed: RateStep | null = null;
  for (let rate = Math.min(startRate, rateMax); !stop.stopping; ) {
    const step = await tryRate(rate, options);
    steps.push(step);
    if (step.holds) highest = step;
    else lowestFailed = step;
    const next = nextRate(highest?.rate ?? 0, lowestFailed?.rate ?? null, rateMax);
    if (next === null || next === rate || next < RATE_MIN || isClose(highest, lowestFailed, precision)) break;
    rate = next;
  }
  return { highest, lowestFailed, steps };
}

/** Twice as much while nothing has failed, then half way between. null: there is nothing left to try. */
function nextRate(held: number, failed: number | null, rateMax: number): number | null {
  if (failed !== null) return Math.round((held + failed) / 2);
  return held >= rateMax ? null : Math.min(held * 2, rateMax);
}

function isClose(held: RateStep | null, failed: RateStep | null, precision: number): boolean {
  return held !== null && failed !== null && failed.rate - held.rate <= held.rate * precision;
}

async function tryRate(rate: number, { goal, load, onStep }: FindMaxOptions): Promise<RateStep> {
  const report = await load(rate);
  const reached = report.latency[goal.percentile];
  const reasons = [
    ...(report.verdict === 'valid' ? [] : report.reasons),
    ...(reached <= goal.ms ? [] : [`${goal.percentile} is ${Math.round(reached)} ms, above ${goal.ms} ms`]),
  ];
  const step = { rate, holds: reasons.length === 0, reasons, report };
  onStep(step);
  return step;
}
