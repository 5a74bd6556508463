/** Links between pages lead somewhere. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { anchorsOf, linksOf, pageText, ROOT } from '../support/markdown-page';
import { filesBelow } from '../tidy/repository';

const FOLDERS = 'shared|producers|consumers|lab|docs|test|\\.ci';

const pages = filesBelow('').filter((path) => path.endsWith('.md'));

/** The sentence about a link that leads nowhere, or null. */
function problemOf(page: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return `${page}: ${link} does not exist`;
  if (anchor === undefined || anchorsOf(pageText(target)).includes(anchor)) return null;
  return `${page}: ${link} has no such heading`;
}

it.each(pages)('every link of %s leads to a file and a heading of this repository', (page) => {
  expect(linksOf(pageText(page)).flatMap((link) => problemOf(page, link) ?? [])).toEqual([]);
});

it.each(['README.md', 'docs/architecture.md', 'docs/guarantees.md', 'docs/results.md'])(
  'every file and folder that %s names exists',
  (page) => {
    const names = pageText(page).matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, 'g'));
    expect([...names].map(([, name = '']) => name).filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  },
);

it('is found out when it leads nowhere', () => {
  expect(problemOf('README.md', 'docs/nothing.md')).toBe('README.md: docs/nothing.md does not exist');
  expect(problemOf('README.md', '#nothing')).toBe('README.md: #nothing has no such heading');
  expect(linksOf('see [it](a.md#b), not `[it](c.md)` or [that](https://example.org)')).toEqual(['a.md#b']);
});
