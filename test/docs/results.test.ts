/** docs/results.md names every record that a history can hold, each with an example that is one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory, TYPES } from '../../shared/adapters/history-files';
import type { HistoryRecord } from '../../shared/model/history';
import { blocksOfKind, pageText, rowsOf, sectionOf } from '../support/markdown-page';
import { runOf } from '../support/scenario-run';
import { recordsOf, temporaryFolder } from '../support/virtual-run';

const page = pageText('docs/results.md');
const examples = blocksOfKind(page, 'record').map(({ text }): HistoryRecord => JSON.parse(text));
const nameOf = ({ stream, type }: { readonly stream: string; readonly type: string }) => `${stream} ${type}`;

it('shows one example of every record that the model has, and of no other', () => {
  const known = Object.entries(TYPES).flatMap(([stream, types]) =>
    Object.keys(types).map((type) => `${stream} ${type}`),
  );
  expect(examples.map(nameOf).sort()).toEqual(known.sort());
});

it('names every record in its text', () => {
  const prose = page.replace(/^```[\s\S]*?^```$/gm, '');
  expect(examples.map(nameOf).filter((name) => !prose.includes(`\`${name}\``))).toEqual([]);
});

it('shows examples that a reader of histories takes', () => {
  const path = join(temporaryFolder(), 'examples.jsonl');
  writeFileSync(path, examples.map((example) => `${JSON.stringify(example)}\n`).join(''));
  expect([...readHistory(path)]).toHaveLength(examples.length);
});

it('shows examples with the fields that runs write', async () => {
  const names = ['record-with-effect', 'handler-error-naive', 'handler-error'];
  const runs = await Promise.all(names.map((name) => runOf(name, '1')));
  const written = new Map(runs.flatMap(({ folder }) => recordsOf(folder)).map((record) => [nameOf(record), record]));
  expect(written.size).toBeGreaterThan(15);
  for (const example of examples) {
    const record = written.get(nameOf(example));
    if (record !== undefined) expect(Object.keys(example).sort()).toEqual(Object.keys(record).sort());
  }
});

it('names every field of what --json prints, and no other', async () => {
  const { folder } = await runOf('competing-consumers-naive', '1');
  const report: object = JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8'));
  const listed = rowsOf(sectionOf(page, '## `--json`')).slice(2);
  const fields = listed.flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field));
  expect(new Set(fields)).toEqual(new Set(Object.keys(report)));
});
