/** Curve: one figure against another, in a bounded number of points whatever the length of the run. */
import { CURVE_POINT_COUNT_MAX } from './picture';

export class Curve {
  private kept: (readonly [number, number])[] = [[0, 0]];
  private stride = 1;
  private addedCount = 0;
  private latest: readonly [number, number] = [0, 0];

  add(point: readonly [number, number]): void {
    this.latest = point;
    this.addedCount += 1;
    if (this.addedCount % this.stride !== 0) return;
    this.kept.push(point);
    if (this.kept.length < CURVE_POINT_COUNT_MAX) return;
    this.kept = this.kept.filter((_, index) => index % 2 === 0);
    this.stride *= 2;
  }

  /** The last point is always the latest. */
  get points(): readonly (readonly [number, number])[] {
    return this.kept.at(-1) === this.latest
      ? [...this.kept]
      : [...this.kept.slice(0, CURVE_POINT_COUNT_MAX - 1), this.latest];
  }
}
