/** Spread: what the rounds of a bench came to. A single figure would hide how far they lie apart. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Of an even number of rounds the median is the greater of the two in the middle. NaN where there was no round. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}

/** min / median / max. */
export function spreadText({ min, median, max }: Spread, digits = 2): string {
  return [min, median, max].map((figure) => figure.toFixed(digits)).join(' / ');
}
