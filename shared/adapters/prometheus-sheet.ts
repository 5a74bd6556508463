/**
 * Sheet of metrics over prom-client: every series of the table exists from the start, as one number that the hot path
 * adds to. Names, labels and text are put together when somebody scrapes, and not when an event passes.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { invariant } from '../model/invariant';
import {
  LATENCY_BOUNDS_SECONDS,
  type LabelsOf,
  METRICS,
  type MetricName,
  type MetricNameOf,
  type ProcessLabels,
} from '../model/metric';

/** One number of a scrape. */
export interface Cell {
  value: number;
}

/** One distribution of a scrape. */
export interface Buckets {
  add(seconds: number): void;
}

export interface MetricSheet {
  counter<Name extends MetricNameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Cell;
  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>): Cell;
  histogram(name: MetricNameOf<'histogram'>): Buckets;
  /** Called before every scrape, to bring gauges up to date. */
  beforeScrape(update: () => void): void;
  /** The whole sheet in Prometheus's text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

type Labels = Readonly<Record<string, string>>;

interface Series extends Cell {
  readonly labels: Labels;
}

/** The labels stand on every series of the process. */
export function openMetricSheet(labels: ProcessLabels): MetricSheet {
  return new PrometheusSheet(labels);
}

class PrometheusSheet implements MetricSheet {
  private readonly registry = new Registry();
  private readonly series = new Map<MetricName, readonly Series[]>();
  private readonly histograms = new Map<MetricName, BucketHistogram>();
  private readonly updates: (() => void)[] = [];

  constructor(labels: ProcessLabels) {
    this.registry.setDefaultLabels(labels);
    for (const name of Object.keys(METRICS) as MetricName[]) this.register(name);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  counter<Name extends MetricNameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Cell {
    return this.cell(name, labels);
  }

  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>): Cell {
    return this.cell(name, labels);
  }

  histogram(name: MetricNameOf<'histogram'>): Buckets {
    const found = this.histograms.get(name);
    invariant(found !== undefined, 'a histogram of the table is registered');
    return found;
  }

  beforeScrape(update: () => void): void {
    this.updates.push(update);
  }

  text(): Promise<string> {
    for (const update of this.updates) update();
    return this.registry.metrics();
  }

  private cell(name: MetricName, labels: Labels): Cell {
    const series = this.series.get(name) ?? [];
    const found = series.find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
    invariant(found !== undefined, 'a series of the table is asked for by labels of its closed sets');
    return found;
  }

  private register(name: MetricName): void {
    const { kind, help, labels } = METRICS[name];
    const labelNames = Object.keys(labels);
    if (kind === 'histogram') {
      const histogram = new BucketHistogram(name, help);
      this.histograms.set(name, histogram);
      this.registry.registerMetric(histogram);
      return;
    }
    const series = combinations(labels).map((one): Series => ({ labels: one, value: 0 }));
    this.series.set(name, series);
    const configuration = { name, help, labelNames, registers: [this.registry] };
    if (kind === 'gauge') {
      new Gauge({ ...configuration, collect: setAll });
    } else {
      new Counter({ ...configuration, collect: addAll });
    }
    function setAll(this: Gauge): void {
      for (const one of series) this.set(one.labels, one.value);
    }
    function addAll(this: Counter): void {
      this.reset();
      for (const one of series) this.inc(one.labels, one.value);
    }
  }
}

/** Every combination of the closed sets. */
function combinations(sets: Readonly<Record<string, readonly string[]>>): readonly Labels[] {
  return Object.entries(sets).reduce<readonly Labels[]>(
    (combined, [label, values]) => combined.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}

/** A histogram whose observation is one addition: prom-client's own looks its labels up at every event. */
class BucketHistogram extends Histogram implements Buckets {
  private readonly metric: { readonly name: string; readonly help: string };
  private readonly counts = new Float64Array(LATENCY_BOUNDS_SECONDS.length + 1);
  private sum = 0;

  constructor(name: string, help: string) {
    super({ name, help, registers: [] });
    this.metric = { name, help };
  }

  add(seconds: number): void {
    const found = LATENCY_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    const index = found === -1 ? LATENCY_BOUNDS_SECONDS.length : found;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
  }

  /** What the registry asks for when it writes text. */
  async getForPromString() {
    const { name } = this.metric;
    let total = 0;
    const values = Array.from(this.counts, (count, index) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { le: LATENCY_BOUNDS_SECONDS[index] ?? '+Inf' }, value: total };
    });
    return {
      ...{ ...this.metric, type: 'histogram', aggregator: 'sum' },
      values: [
        ...values,
        { metricName: `${name}_sum`, labels: {}, value: this.sum },
        { metricName: `${name}_count`, labels: {}, value: total },
      ],
    };
  }
}
