/** Compare: the same load on each subscription type, and the price of order as one table. */
import { PULSAR_SPELLING, SUBSCRIPTION_TYPES, type SubscriptionType } from '../../shared/model/subscription';
import type { LoadReport } from './load-report';

export type Comparison = readonly { readonly type: SubscriptionType; readonly report: LoadReport }[];

/** One after the other, so that none of them is measured beside another. */
export async function compareTopologies(
  load: (type: SubscriptionType) => Promise<LoadReport>,
  onDone: (type: SubscriptionType) => void,
): Promise<Comparison> {
  const done: Comparison[number][] = [];
  for (const type of SUBSCRIPTION_TYPES) {
    done.push({ type, report: await load(type) });
    onDone(type);
  }
  return done;
}

const HEAD = [
  'subscription',
  'verdict',
  'effects/s',
  'p50 ms',
  'p99 ms',
  'max ms',
  'swapped',
  'twice',
  'lost',
] as const;

/** Columns for a terminal. */
export function comparisonLines(comparison: Comparison): readonly string[] {
  const rows = [HEAD, ...comparisonRows(comparison)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  );
}

export function comparisonHead(): readonly string[] {
  return HEAD;
}

export function comparisonRows(comparison: Comparison): readonly (readonly string[])[] {
  return comparison.map(({ type, report: { verdict, rates, latency, counts } }) => [
    ...[PULSAR_SPELLING[type], verdict, rates.applied.toFixed(0)],
    ...[latency.p50, latency.p99, latency.max].map((ms) => ms.toFixed(1)),
    ...[counts.swapped, counts.repeated, counts.lost].map(String),
  ]);
}

/** Names to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
