/** Queries of the boards and alerts: PromQL over the table of metrics, so that a renamed metric does not compile. */
import type { LabelsOf, MetricName, MetricNameOf, ProcessLabels } from '../../shared/model/metric';

/** Grafana puts in a window that fits the zoom and the scrape interval. */
const WINDOW = '$__rate_interval';

/** Labels to pick by; what is left out is not picked by. */
type Pick<Name extends MetricName> = Partial<LabelsOf<Name> & ProcessLabels>;

/** The series that carry these labels. */
export function select<Name extends MetricName>(name: Name, labels: Pick<Name> = {}): string {
  return selectNamed(name, labels);
}

/** What a counter gains per second, summed over processes and kept apart by `by`. */
export function perSecond<Name extends MetricNameOf<'counter'>>(
  name: Name,
  labels: Pick<Name> = {},
  by: readonly string[] = ['topology'],
  window: string = WINDOW,
): string {
  return `sum by (${by.join(', ')}) (rate(${selectNamed(name, labels)}[${window}]))`;
}

/** A percentile over all processes of a topology. `share`: 0..1. */
export function quantile(share: number, name: MetricNameOf<'histogram'>): string {
  return `histogram_quantile(${share}, sum by (topology, le) (rate(${name}_bucket[${WINDOW}])))`;
}

/** The largest, or the sum, of a gauge over the processes of a topology. */
export function over<Name extends MetricNameOf<'gauge'>>(
  how: 'max' | 'sum',
  name: Name,
  labels: Pick<Name> = {},
): string {
  return `${how} by (topology) (${selectNamed(name, labels)})`;
}

function selectNamed(name: string, labels: Readonly<Record<string, string | undefined>>): string {
  const picked = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return picked.length === 0 ? name : `${name}{${picked.join(',')}}`;
}
