/** Chart: how disorder grows with the events applied, a line for each side. */
import type UPlot from 'uplot';
import type { SideState } from '../picture/page-state';

/** Loaded before the modules; the library has no module that a browser resolves by itself. */
declare const uPlot: typeof UPlot;

const HEIGHT = 180;
const DASHES: readonly (readonly number[])[] = [[], [7, 4]];

export class Chart {
  private plot: UPlot | null = null;
  private titles = '';
  private shown: readonly SideState[] = [];

  constructor(private readonly root: HTMLElement) {
    new ResizeObserver(() => this.plot?.setSize({ width: this.width, height: HEIGHT })).observe(root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.forget();
      this.show(this.shown);
    });
  }

  show(sides: readonly SideState[]): void {
    const titles = sides.map(({ picture }) => picture.subscriptionType ?? '').join(' ');
    if (sides.length === 0) return;
    this.shown = sides;
    if (titles !== this.titles) this.forget();
    this.titles = titles;
    const tables = sides.map(
      ({ picture: { curve } }): UPlot.AlignedData => [
        curve.map(([applied]) => applied),
        curve.map(([, swapped]) => swapped),
      ],
    );
    const data = uPlot.join(tables);
    if (this.plot === null) this.plot = new uPlot(this.optionsFor(sides), data, this.root);
    else this.plot.setData(data);
  }

  private get width(): number {
    return Math.max(280, this.root.clientWidth);
  }

  private forget(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private optionsFor(sides: readonly SideState[]): UPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const [ink, grid] = [style.getPropertyValue('--ink-soft'), style.getPropertyValue('--line')];
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    return {
      ...{ width: this.width, height: HEIGHT, cursor: { show: false }, legend: { live: false } },
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, Math.max(5, max)] } },
      axes: [
        { ...axis, label: 'events applied', labelSize: 18, size: 34 },
        { ...axis, label: 'swapped', labelSize: 18, size: 44 },
      ],
      series: [
        { label: 'applied' },
        ...sides.map(({ picture }, index) => ({
          label: `${picture.subscriptionType}: swapped`,
          stroke: style.getPropertyValue(`--side-${picture.subscriptionType}`) || ink,
          ...{ width: 2.5, dash: [...(DASHES[index] ?? [])], spanGaps: true, points: { show: false } },
        })),
      ],
    };
  }
}
