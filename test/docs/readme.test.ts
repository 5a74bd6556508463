/**
 * README.md: what it shows is what happens. Every command with an output is run, every snippet too. ORDERLAB_UPDATE=1
 * writes the outputs of today into the page; read the difference as a reader would.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { ANOMALY_CLASSES, type AnomalyId } from '../../shared/model/anomaly';
import { PULSAR_SPELLING } from '../../shared/model/subscription';
import { SCENARIOS, scenarioNamed } from '../../shared/scenarios/registry';
import { blocksOfKind, holdDrawing, pageText, ROOT, rowsOf, sectionOf } from '../support/markdown-page';
import { runOf } from '../support/scenario-run';
import { temporaryFolder } from '../support/virtual-run';

const LAUNCHER = join(ROOT, 'lab', 'orderlab.js');
/** What the page calls the folder in which the commands are typed. */
const PAGE_FOLDER = '/home/you/orderlab';

// Every command is a process of its own, and the other tests keep the cores busy.
jest.setTimeout(120_000);

const page = pageText('README.md');
let folder: string;

beforeAll(() => {
  folder = fs.realpathSync(temporaryFolder());
  fs.mkdirSync(join(folder, 'node_modules'));
  fs.symlinkSync(ROOT, join(folder, 'node_modules', 'orderlab'));
  const { status, stderr } = spawnSync(process.execPath, [LAUNCHER, '--build'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
});

/** Both outputs of a command line, as a terminal shows them. */
function typed(command: string): string {
  const local = command.replace(/^npx orderlab/, `"${process.execPath}" "${LAUNCHER}"`);
  return spawnSync('sh', ['-c', `${local} 2>&1`], { cwd: folder, encoding: 'utf8' }).stdout;
}

/** Without what differs from run to run: progress, rates, times, the folder, and how much a kill caught. */
function steady(output: string): string {
  const told = output
    .replaceAll(folder, PAGE_FOLDER)
    .split('\n')
    .filter((line) => !/^ {2}published \d+( of \d+)?, applied \d+, duplicates absorbed \d+$/.test(line))
    .join('\n');
  return told
    .replace(/\d+ events\/s/g, 'N events/s')
    .replace(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/g, 'TIME')
    .replace(/\d+ delivered again after/g, 'N delivered again after')
    .replace(/\d+ duplicates absorbed; verdict/g, 'N duplicates absorbed; verdict')
    .trimEnd();
}

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** `$ command` and the lines under it. */
function shownIn(text: string): readonly Shown[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.split('\n');
      return { command, output: output.join('\n').trimEnd() };
    });
}

describe('the commands', () => {
  const shown = blocksOfKind(page, 'console').flatMap(({ text }) => shownIn(text));

  it('are there, with their outputs', () => {
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter(({ output }) => output === '')).toEqual([]);
  });

  it.each(shown.map(({ command, output }) => [command, output] as const))(
    '`%s` prints what the page shows',
    (command, output) => {
      const today = steady(typed(command));
      if (process.env.ORDERLAB_UPDATE === '1') {
        const text = pageText('README.md').replace(`$ ${command}\n${output}\n`, () => `$ ${command}\n${today}\n`);
        fs.writeFileSync(join(ROOT, 'README.md'), text);
      } else expect(today).toBe(output);
    },
  );
});

it('shows a timeline on top that explain draws', async () => {
  const [top] = blocksOfKind(page, 'timeline');
  const run = await runOf(top?.info ?? '', '1');
  const drawn = fs.readFileSync(join(run.folder, 'timeline.txt'), 'utf8').split('\n');
  holdDrawing('README.md', top?.text ?? '', drawn);
});

it('has a snippet that runs and prints what stands under it', () => {
  const [snippet] = blocksOfKind(page, 'js');
  const [output] = blocksOfKind(page, 'output');
  fs.writeFileSync(join(folder, 'my-test.mjs'), snippet?.text ?? '');
  const { stdout, stderr } = spawnSync(process.execPath, ['my-test.mjs'], { cwd: folder, encoding: 'utf8' });
  expect({ stdout: stdout.trimEnd(), stderr }).toEqual({ stdout: output?.text, stderr: '' });
});

describe('the tables', () => {
  const section = sectionOf(page, '## What each subscription promises');
  const rows = rowsOf(section);
  const named = (text: string) => [...text.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);

  it('name each subscription type', () => {
    const first = rows.map(([cell]) => cell);
    for (const type of Object.values(PULSAR_SPELLING)) expect(first).toContain(type);
  });

  it('leave no scenario out, and invent none', () => {
    const known = SCENARIOS.map(({ name }) => name);
    const cells = rows.flatMap((row) => row.slice(2)).flatMap(named);
    expect(cells.filter((name) => scenarioNamed(name) === null)).toEqual([]);
    expect(known.filter((name) => !named(page).includes(name) && !page.includes(`--scenario ${name}`))).toEqual([]);
  });

  it('state of each broken twin what its scenario expects, by plain name and code', () => {
    const broken = rows.filter(([, , third]) => named(third ?? '').some((name) => name.endsWith('-naive')));
    expect(broken.length).toBeGreaterThan(5);
    for (const [, wrong = '', scenario = ''] of broken) {
      const expected = scenarioNamed(named(scenario)[0] ?? '')?.expected;
      const stated = [...wrong.matchAll(/([^,(]+) \(([A-Z]\d+)\)/g)].map(([, plain = '', id = '']) => ({
        plain: plain.trim(),
        id,
      }));
      for (const { plain, id } of stated) expect(plain).toBe(ANOMALY_CLASSES[id as AnomalyId].plain);
      const ids = stated.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([...(expected?.roots ?? [])]));
      expect([...(expected?.roots ?? []), ...(expected?.anyOf.flat() ?? [])]).toEqual(expect.arrayContaining(ids));
    }
  });
});

it('lists the suites of .ci/run in their order, with their budgets and commands', () => {
  const script = pageText('.ci/run');
  const deepMinutes = /^DEEP_MINUTES=(\d+)$/m.exec(script)?.[1] ?? '';
  const suites = [...script.matchAll(/^\s*suite (\S+) (\S+) (?:\d+|\$\(\([^)]*\)\)) (.+)$/gm)].map(([, ...words]) =>
    words.map((word) => word.replaceAll(/"?\$DEEP_MINUTES"?/g, deepMinutes)),
  );
  expect(suites.length).toBeGreaterThan(5);
  const [, , ...listed] = rowsOf(sectionOf(page, '## How to check a change'));
  expect(listed).toEqual(suites.map(([name, budget, command]) => [name, budget, `\`${command}\``]));
});
