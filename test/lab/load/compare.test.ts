/** The same load on each subscription type. */
import { type Comparison, compareTopologies, comparisonLines } from '../../../lab/load/compare';
import { comparisonPage } from '../../../lab/load/comparison-page';
import { SUBSCRIPTION_TYPES } from '../../../shared/model/subscription';
import { loadVirtually } from '../../support/load-run';

const LOAD = { rate: '200', duration: '2', users: '20', strategy: 'no-guard', slowHandlers: '4:10' } as const;

let comparison: Comparison;
beforeAll(async () => {
  comparison = await compareTopologies(
    (topology) => loadVirtually({ ...LOAD, topology }),
    () => {},
  );
});

it('loses order on Shared and on no other, with the same events', () => {
  expect(comparison.map(({ type, report }) => [type, report.counts.sent])).toEqual(
    SUBSCRIPTION_TYPES.map((type) => [type, 400]),
  );
  const disordered = comparison.filter(({ report }) => report.counts.swapped > 0).map(({ type }) => type);
  expect(disordered).toEqual(['shared']);
});

it('prints a line for each, under its columns', () => {
  const lines = comparisonLines(comparison);
  expect(lines).toHaveLength(1 + SUBSCRIPTION_TYPES.length);
  expect(lines[0]).toMatch(/^subscription +verdict +effects\/s +p50 ms +p99 ms/);
  expect(lines.find((line) => line.startsWith('Shared'))).toContain('invalid');
});

it('is a page with its charts inside, and nothing from elsewhere', () => {
  const page = comparisonPage(comparison);
  for (const part of ['<table>', 'id="latency"', 'id="throughput"', 'id="disorder"', 'uPlot'])
    expect(page).toContain(part);
  expect(page).not.toMatch(/(src|href)=|@import|url\(/);
});
