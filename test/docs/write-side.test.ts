/** docs/write-side.md: its table of operations is what the program does; ORDERLAB_UPDATE=1 writes today's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioNamed } from '../../shared/scenarios/registry';
import { pageText, ROOT, rowsOf, sectionOf } from '../support/markdown-page';
import { operationRows } from '../support/operation-repeats';

const PAGE = join(ROOT, 'docs/write-side.md');

it('shows what each operation leaves behind, delivered once, twice and five times', async () => {
  const rows = await operationRows();
  if (process.env.ORDERLAB_UPDATE === '1') {
    const [head = ''] = readFileSync(PAGE, 'utf8').split(/(?<=\|---\|---\|---\|---\|---\|---\|\n)\|? ?create/);
    const start = head.lastIndexOf('| operation |');
    const lines = head.slice(0, start) + head.slice(start).split('\n').slice(0, 2).join('\n');
    writeFileSync(PAGE, `${lines}\n${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
  }
  const [, , ...listed] = rowsOf(sectionOf(readFileSync(PAGE, 'utf8'), '## Delivered more than once'));
  expect(listed).toEqual(rows);
});

it('finds creation and addition in need of a record, and nothing else, and no operation with one is repeated', async () => {
  const rows = await operationRows();
  expect(rows.filter((cells) => cells[5] === 'needs a record').map(([name]) => name)).toEqual(['create', 'add amount']);
  expect(rows.map((cells) => cells[4])).not.toContain('differs');
  for (const cells of rows) expect(cells[4]).toBe(cells[1]);
});

it('names no scenario that there is not', () => {
  const [, , ...rows] = rowsOf(sectionOf(pageText('docs/write-side.md'), '## The remedies'));
  const names = rows.flatMap(
    (cells) =>
      cells
        .slice(4)
        .join(' ')
        .match(/[a-z]+(-[a-z]+)+|outbox/g) ?? [],
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => scenarioNamed(name) === null)).toEqual([]);
});

it('names for everything that strangers may send a test that there is', () => {
  const [, , ...rows] = rowsOf(sectionOf(pageText('docs/write-side.md'), '## Strangers at the API'));
  expect(rows.length).toBeGreaterThan(10);
  for (const [what, , test = ''] of rows) {
    const [, path = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(test) ?? [];
    expect({ what, isThere: readFileSync(join(ROOT, path), 'utf8').includes(title) }).toEqual({ what, isThere: true });
  }
});
