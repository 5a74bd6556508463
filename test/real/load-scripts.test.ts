/** The scripts of producers/load: short, listed, and each ends as it says. On the embedded parts, for a second. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pageText, ROOT } from '../support/markdown-page';

const FOLDER = join(ROOT, 'producers', 'load');
const NAMES = readdirSync(FOLDER).map((file) => basename(file, '.mjs'));
const LINES_MAX = 40;

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'lab', 'orderlab.js'), '--build'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}, 300_000);

it('are listed in the README, and no other', () => {
  const listed = [...pageText('README.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name = '']) => name);
  expect(listed.filter((name) => NAMES.includes(name)).sort()).toEqual([...NAMES].sort());
  expect(NAMES).toHaveLength(6);
});

it.each(NAMES)('%s loses nothing and keeps order', (name) => {
  expect(pageText(`producers/load/${name}.mjs`).split('\n').length).toBeLessThanOrEqual(LINES_MAX);
  const { stdout, stderr } = spawnSync(process.execPath, [join(FOLDER, `${name}.mjs`), '1'], { encoding: 'utf8' });
  expect({ stderr, disorder: /swapped (\d+), twice (\d+), lost (\d+)/.exec(stdout)?.slice(1) }).toEqual({
    stderr: '',
    disorder: ['0', '0', '0'],
  });
});
