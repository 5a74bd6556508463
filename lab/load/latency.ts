/** Latencies of a load: HDR histograms in microseconds, which merge without losing a percentile. */
import * as hdr from 'hdr-histogram-js';
import { OrderlabError } from '../../shared/errors';
import { LATENCY_MS_MAX } from './load-limits';

/** Percentiles of a report, in milliseconds; all 0 where nothing was recorded. */
export interface LatencyFigures {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const MICROS_PER_MS = 1_000;
/** Three digits: a percentile is off by less than one in a thousand. */
const SIGNIFICANT_DIGITS = 3;

export class Latency {
  private constructor(private readonly histogram: hdr.Histogram) {}

  static empty(): Latency {
    return new Latency(
      hdr.build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: LATENCY_MS_MAX * MICROS_PER_MS,
        numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
        bitBucketSize: 32,
        useWebAssembly: false,
      }),
    );
  }

  /** Reads what `encoded` wrote. Throws USAGE for anything else. */
  static decode(text: string): Latency {
    try {
      return new Latency(hdr.decodeFromCompressedBase64(text, 32, false));
    } catch (thrown) {
      throw new OrderlabError(
        'USAGE',
        { problem: 'a histogram is compressed HDR in base64, got something else' },
        thrown,
      );
    }
  }

  /** Clocks of two machines may disagree: a latency below 0 counts as 0. */
  record(ms: number): void {
    this.histogram.recordValue(Math.round(Math.min(Math.max(ms, 0), LATENCY_MS_MAX) * MICROS_PER_MS));
  }

  add(other: Latency): void {
    this.histogram.add(other.histogram);
  }

  reset(): void {
    this.histogram.reset();
  }

  /** `percent`: 0..100. */
  atPercent(percent: number): number {
    return this.histogram.totalCount === 0 ? 0 : this.histogram.getValueAtPercentile(percent) / MICROS_PER_MS;
  }

  get figures(): LatencyFigures {
    const at = (percent: number): number => this.atPercent(percent);
    return {
      count: this.histogram.totalCount,
      ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) },
    };
  }

  /** Compressed HDR V2 in base64: what other HDR tools read too. */
  get encoded(): string {
    return hdr.encodeIntoCompressedBase64(this.histogram);
  }
}
