/** Boards and alerts: the files that are checked in are those that the code writes, and they name what there is. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { ALERTS } from '../../dashboards/boards/alert';
import { BOARDS, writtenFiles } from '../../dashboards/boards/written';
import { METRICS } from '../../shared/model/metric';
import { queriesOf } from '../support/board-query';
import { pageText, ROOT } from '../support/markdown-page';

const written = writtenFiles();

it.each([...written.keys()])('%s is fresh: ORDERLAB_UPDATE=1 npx jest test/dashboards would change nothing', (name) => {
  const path = join(ROOT, 'dashboards', name);
  if (process.env.ORDERLAB_UPDATE === '1') fs.writeFileSync(path, written.get(name) ?? '');
  else expect(fs.readFileSync(path, 'utf8')).toBe(written.get(name));
});

it('shows every metric of the table on a board', () => {
  const queries = BOARDS.flatMap(({ board }) => queriesOf(board)).join('\n');
  expect(Object.keys(METRICS).filter((name) => !queries.includes(name))).toEqual([]);
});

it('names no metric that is not in the table', () => {
  const texts = [...BOARDS.flatMap(({ board }) => queriesOf(board)), ...ALERTS.map(({ expression }) => expression)];
  const named = texts.flatMap((text) => text.match(/orderlab_\w+/g) ?? []).map((name) => name.replace(/_bucket$/, ''));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
});

it('puts the Shared and the Key_Shared read side beside each other in the first row of the first board', () => {
  const [ordering] = BOARDS;
  const panels = (ordering?.board.panels ?? []).filter((panel) => panel.type !== 'row').slice(0, 6);
  expect(panels.map(({ gridPos }) => gridPos?.y)).toEqual(Array(6).fill(panels[0]?.gridPos?.y));
  expect(panels.map(({ title }) => title)).toEqual([
    ...['Shared: inversions', 'Shared: duplicates in effect', 'Shared: lag'],
    ...['Key_Shared: inversions', 'Key_Shared: duplicates in effect', 'Key_Shared: lag'],
  ]);
});

it('says in each panel what it means when it moves', () => {
  for (const { board } of BOARDS) {
    for (const panel of board.panels ?? []) {
      if (panel.type !== 'row') expect(panel).toMatchObject({ description: expect.stringMatching(/\.$/) });
    }
  }
});

it('has a runbook entry for each alert, with a command, and none for another', () => {
  const entries = pageText('docs/operations.md').split(/^### /m).slice(1);
  expect(entries.map((entry) => entry.split('\n')[0])).toEqual(ALERTS.map(({ name }) => name));
  for (const entry of entries) {
    expect(entry).toMatch(/\*\*Means\*\*/);
    expect(entry).toMatch(/\*\*Mends it\*\*[\s\S]*`[^`]+`/);
  }
});
