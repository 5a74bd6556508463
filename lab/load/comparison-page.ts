/** Comparison page: table and charts in one HTML file without a remote asset. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PULSAR_SPELLING } from '../../shared/model/subscription';
import { type Comparison, comparisonHead, comparisonRows } from './compare';
import { Latency } from './latency';

/** Where the curve is drawn: as much room for the last percent as for all before it. */
const PERCENTS: readonly number[] = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100];
const COLOURS = ['#3b6ea8', '#8a5a9e', '#2f8f5b', '#c0562f'] as const;

/** What a chart draws: labels along the bottom, and a row of figures for each subscription type. */
interface Chart {
  readonly element: string;
  readonly title: string;
  readonly labels: readonly (string | number)[];
  readonly rows: readonly (readonly (number | null)[])[];
}

export function comparisonPage(comparison: Comparison): string {
  const names = comparison.map(({ type }) => PULSAR_SPELLING[type]);
  const charts = [latencyChart(comparison), throughputChart(comparison), disorderChart(comparison)];
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>orderlab load compare</title>',
    `<style>${asset('uPlot.min.css')}${STYLE}</style>`,
    '<h1>The same load on four subscription types</h1>',
    htmlTable(comparison),
    ...charts.map(({ element, title }) => `<h2>${title}</h2><div id="${element}"></div>`),
    `<p>Replay: <code>${escaped(comparison[0]?.report.replay ?? '')}</code></p>`,
    `<script>${asset('uPlot.iife.min.js')}</script>`,
    `<script>const names=${json(names)},colours=${json(COLOURS)};for(const chart of ${json(charts)})${DRAW}</script>`,
    '</html>\n',
  ].join('\n');
}

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:60rem}td,th{padding:.2rem .8rem;text-align:right}' +
  'td:first-child,th:first-child{text-align:left}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}';

/** The page's own script: one chart, with the labels of the bottom axis taken by index. */
const DRAW =
  "new uPlot({width:860,height:300,scales:{x:{time:false}},axes:[{values:(u,ticks)=>ticks.map(t=>chart.labels[t]??''),stroke:'#888'},{stroke:'#888'}]," +
  'series:[{label:chart.title},...names.map((label,i)=>({label,stroke:colours[i],width:2}))]},' +
  '[chart.labels.map((_,i)=>i),...chart.rows],document.getElementById(chart.element));';

function latencyChart(comparison: Comparison): Chart {
  const rows = comparison.map(({ report }) => {
    const latency = Latency.decode(report.histograms.latency);
    return PERCENTS.map((percent) => latency.atPercent(percent));
  });
  return { element: 'latency', title: 'Latency by percentile, ms', labels: PERCENTS, rows };
}

function throughputChart(comparison: Comparison): Chart {
  return bySecond(comparison, 'throughput', 'Effects by second', ({ applied }) => applied);
}

function disorderChart(comparison: Comparison): Chart {
  return bySecond(comparison, 'disorder', 'Events swapped, by second', ({ swapped }) => swapped);
}

type Second = Comparison[number]['report']['series'][number];

function bySecond(comparison: Comparison, element: string, title: string, figure: (second: Second) => number): Chart {
  const length = Math.max(0, ...comparison.map(({ report }) => report.series.length));
  const labels = Array.from({ length }, (_, index) => index + 1);
  const rows = comparison.map(({ report: { series } }) =>
    labels.map((_, index) => {
      const second = series[index];
      return second === undefined ? null : figure(second);
    }),
  );
  return { element, title, labels, rows };
}

function htmlTable(comparison: Comparison): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(comparisonHead(), 'th')}${comparisonRows(comparison)
    .map((row) => line(row, 'td'))
    .join('')}</table>`;
}

/** What stands inside a script must not end it. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function asset(name: string): string {
  return readFileSync(join(dirname(require.resolve('uplot')), name), 'utf8');
}
