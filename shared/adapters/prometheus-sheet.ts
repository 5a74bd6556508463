/**
 * Sheet of metrics over prom-client: every series of the table exists from the start, as one number that the hot path
 * adds to. Names, labels and text are put together when somebody scrapes, and not when an event passes.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { invariant } from '../model/invariant';
import {
  acrossOf,
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

/** In the order of the table: of a counter or gauge a number for each series, of a histogram its buckets and its sum. */
export type SheetNumbers = readonly number[];

export interface MetricSheet {
  counter<Name extends MetricNameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Cell;
  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>): Cell;
  histogram(name: MetricNameOf<'histogram'>): Buckets;
  /** Called before every scrape, to bring gauges up to date. */
  beforeScrape(update: () => void): void;
  /** Every number of the sheet: what one process tells another of the same release. */
  numbers(): SheetNumbers;
  /** The numbers of another process, instead of those that it told before: a scrape shows all processes as one. */
  take(source: string, numbers: SheetNumbers): void;
  /** That process has ended: what it counted stays counted, and what it had in hand it has no more. */
  leave(source: string): void;
  /** The whole sheet in Prometheus's text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

type Labels = Readonly<Record<string, string>>;

/** A place of the table, and what stands there in this process. */
interface Slot extends Cell {
  /** Among all numbers of the sheet. */
  readonly index: number;
  readonly across: 'sum' | 'max';
  /** A gauge says what is now, and is over with its process. */
  readonly isLasting: boolean;
}

interface Series extends Slot {
  readonly labels: Labels;
}

/** The labels stand on every series of the process. */
export function openMetricSheet(labels: ProcessLabels): MetricSheet {
  return new PrometheusSheet(labels);
}

class PrometheusSheet implements MetricSheet {
  private readonly registry = new Registry();
  private readonly slots: Slot[] = [];
  private readonly series = new Map<MetricName, readonly Series[]>();
  private readonly histograms = new Map<MetricName, BucketHistogram>();
  private readonly updates: (() => void)[] = [];
  private readonly told = new Map<string, SheetNumbers>();

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

  numbers(): SheetNumbers {
    for (const update of this.updates) update();
    return this.slots.map(({ value }) => value);
  }

  take(source: string, numbers: SheetNumbers): void {
    invariant(numbers.length === this.slots.length, 'processes of one release have one table');
    this.told.set(source, numbers);
  }

  /** From now on it is this process that counted it, so that lives which are over take no room. */
  leave(source: string): void {
    const numbers = this.told.get(source) ?? [];
    this.told.delete(source);
    for (const slot of this.slots) if (slot.isLasting) slot.value += numbers[slot.index] ?? 0;
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
    if (kind === 'histogram') {
      const slots = Array.from({ length: HISTOGRAM_SLOT_COUNT }, () => this.slot(name));
      const histogram = new BucketHistogram(name, help, slots, (slot) => this.shown(slot));
      this.histograms.set(name, histogram);
      this.registry.registerMetric(histogram);
      return;
    }
    const series = combinations(labels).map((one): Series => this.slot(name, { labels: one }));
    this.series.set(name, series);
    const shown = (slot: Slot): number => this.shown(slot);
    const configuration = { name, help, labelNames: Object.keys(labels), registers: [this.registry] };
    if (kind === 'gauge') {
      new Gauge({ ...configuration, collect: setAll });
    } else {
      new Counter({ ...configuration, collect: addAll });
    }
    function setAll(this: Gauge): void {
      for (const one of series) this.set(one.labels, shown(one));
    }
    function addAll(this: Counter): void {
      this.reset();
      for (const one of series) this.inc(one.labels, shown(one));
    }
  }

  private slot<More extends object>(name: MetricName, more?: More): Slot & More {
    const isLasting = METRICS[name].kind !== 'gauge';
    const slot = { index: this.slots.length, value: 0, across: acrossOf(name), isLasting, ...(more as More) };
    this.slots.push(slot);
    return slot;
  }

  /** This process and the others as one. */
  private shown({ index, value, across }: Slot): number {
    let whole = value;
    for (const numbers of this.told.values()) {
      const other = numbers[index] ?? 0;
      whole = across === 'max' ? Math.max(whole, other) : whole + other;
    }
    return whole;
  }
}

/** Every combination of the closed sets. */
function combinations(sets: Readonly<Record<string, readonly string[]>>): readonly Labels[] {
  return Object.entries(sets).reduce<readonly Labels[]>(
    (combined, [label, values]) => combined.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}

/** Each bucket, the one without an upper bound, and the sum. */
const HISTOGRAM_SLOT_COUNT = LATENCY_BOUNDS_SECONDS.length + 2;

/** A histogram whose observation is one addition: prom-client's own looks its labels up at every event. */
class BucketHistogram extends Histogram implements Buckets {
  private readonly metric: { readonly name: string; readonly help: string };
  private readonly counts: readonly Slot[];
  private readonly sum: Slot;

  constructor(
    name: string,
    help: string,
    slots: readonly Slot[],
    private readonly shown: (slot: Slot) => number,
  ) {
    super({ name, help, registers: [] });
    this.metric = { name, help };
    const sum = slots.at(-1);
    invariant(sum !== undefined, 'a histogram has a sum');
    this.sum = sum;
    this.counts = slots.slice(0, -1);
  }

  add(seconds: number): void {
    const found = LATENCY_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    const bucket = this.counts[found === -1 ? LATENCY_BOUNDS_SECONDS.length : found];
    invariant(bucket !== undefined, 'each duration has its bucket');
    bucket.value += 1;
    this.sum.value += seconds;
  }

  /** What the registry asks for when it writes text. */
  async getForPromString() {
    const { name } = this.metric;
    let total = 0;
    const values = this.counts.map((count, index) => {
      total += this.shown(count);
      return { metricName: `${name}_bucket`, labels: { le: LATENCY_BOUNDS_SECONDS[index] ?? '+Inf' }, value: total };
    });
    return {
      ...{ ...this.metric, type: 'histogram', aggregator: 'sum' },
      values: [
        ...values,
        { metricName: `${name}_sum`, labels: {}, value: this.shown(this.sum) },
        { metricName: `${name}_count`, labels: {}, value: total },
      ],
    };
  }
}
