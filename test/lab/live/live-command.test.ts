/** `--live` on the command line, without a browser: what is said, what is served, and how it ends. */
import { LiveCommand } from '../../support/live-command';
import { orderlab } from '../../support/orderlab';
import { temporaryFolder } from '../../support/virtual-run';

/** The first process may have to build. */
jest.setTimeout(60_000);

const folder = temporaryFolder();

it('prints the address alone, serves the page with every module that it imports, and ends in order', async () => {
  const command = await LiveCommand.start(['demo', '--live'], folder);
  const served = new Set<string>();
  const open = ['/page/main'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const answer = await fetch(new URL(path, command.url));
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
      path,
      200,
      'text/javascript; charset=utf-8',
    ]);
    served.add(path);
    const imports = [...(await answer.text()).matchAll(/ from '([^']+)'/g)].map(([, name = '']) => name);
    for (const name of imports) expect(name).toMatch(/^\.\/[a-z-]+$/);
    open.push(...imports.map((name) => `/page/${name.slice(2)}`).filter((each) => !served.has(each)));
  }
  expect(served.size).toBeGreaterThan(5);
  const { exitCode, stdout, stderr } = await command.end();
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${command.url}\n` });
  expect(stderr).toContain('the load begins when a page is open; Ctrl-C ends it');
});

it.each([
  [['demo', '--port', '8088'], '--port needs --live'],
  [['demo', '--live', '--rate', '0'], '--rate is a whole number in 1..200, got "0"'],
])('refuses %j with a sentence', async (words, sentence) => {
  const { exitCode, stdout, stderr } = await orderlab(words, { folder });
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
  expect(stderr).toContain(sentence);
});
