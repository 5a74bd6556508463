/** The laws of this tree, each held against the tree and against a planted breach: a guard that never went red is none. */
import {
  cycleBreaches,
  deadFileBreaches,
  defaultExportBreaches,
  importLawBreaches,
  purityBreaches,
  ringOf,
} from './tidy/import-rules';
import { ENTRIES, HOST_GLOBALS, LIMITS, LOCALE_MEMBERS, RINGS, RUNTIME_PACKAGES } from './tidy/law';
import { entriesOf, filesBelow, sourcesBelow, textOf } from './tidy/repository';
import {
  fileSizeBreaches,
  functionLines,
  functionSizeBreaches,
  lockBreaches,
  medianBreaches,
  packageBreaches,
  percentile,
  sharedEntryBreaches,
  titleBreaches,
} from './tidy/size-rules';
import { factsOf } from './tidy/source-facts';

const sources = sourcesBelow('.ts', 'shared', 'producers', 'consumers', 'lab');
const all = [...sources, ...sourcesBelow('.ts', 'test')];
/** The launcher and the runner of the tiers: no law of imports, since they run before anything is installed or built. */
const scripts = sourcesBelow('.js', 'lab', 'test');
const manifest = JSON.parse(textOf('package.json'));
const lock = JSON.parse(textOf('package-lock.json'));
const lines = (count: number) => Array.from({ length: count }, () => 'work();').join('\n');

describe('the import law', () => {
  it('holds in every source', () => expect(importLawBreaches(sources)).toEqual([]));

  it.each([
    ['shared/model/event.ts', '../errors'],
    ['shared/model/event.ts', 'zod'],
    ['shared/checker/law.ts', '../simulator/broker'],
    ['shared/checker/law.ts', '../scenarios/registry'],
    ['shared/checker/law.ts', '../ports'],
    ['shared/simulator/broker.ts', '../checker/law'],
    ['shared/simulator/broker.ts', 'node:crypto'],
    ['shared/scenarios/projector.ts', '../../consumers/strategies/index'],
    ['shared/ports.ts', '../consumers/lane'],
    ['shared/ports.ts', './scenarios/defaults'],
    ['shared/ports.ts', './config'],
    ['consumers/strategies/no-guard.ts', '../projector'],
    ['consumers/strategies/no-guard.ts', '../../shared/simulator/store'],
    ['consumers/projector.ts', '../producers/producer'],
    ['consumers/projector.ts', 'zod'],
    ['producers/producer.ts', '../consumers/projector'],
    ['producers/producer.ts', 'node:fs'],
    ['producers/producer.ts', '../shared/adapters/system-clock'],
    ['shared/adapters/system-clock.ts', '../simulator/broker'],
    ['shared/adapters/system-clock.ts', './embedded-broker'],
    ['shared/adapters/embedded-broker.ts', './embedded-store'],
    ['shared/adapters/embedded-broker.ts', '../../lab/main'],
    ['shared/adapters/embedded-broker.ts', 'left-pad'],
    ['lab/main.ts', '../test/support/seed'],
    ['lab/main.ts', 'pino-pretty'],
    ['utilities/text.ts', './other'],
  ])('is broken by %s importing %s, by type or value, at load or later', (path, specifier) => {
    for (const text of [
      `import type { Thing } from '${specifier}';`,
      `export { thing } from '${specifier}';`,
      `export * from '${specifier}';`,
      `const later = () => import('${specifier}');`,
      `type Thing = import('${specifier}').Thing;`,
    ]) {
      expect(importLawBreaches([factsOf(path, text)])).toHaveLength(1);
    }
  });

  it('is broken by an import whose name is computed', () => {
    expect(importLawBreaches([factsOf('lab/main.ts', 'const load = (name: string) => import(name);')])).toHaveLength(1);
  });

  it.each([
    ['shared/checker/law.ts', '../model/event'],
    ['shared/checker/law.ts', './other-law'],
    ['shared/adapters/embedded-broker.ts', '../simulator/broker'],
    ['shared/adapters/seeded-random.ts', 'pure-rand/generator/xoroshiro128plus'],
    ['consumers/projector.ts', './strategies/index'],
    ['lab/main.ts', '../shared/checker/check'],
    ['lab/main.ts', 'node:fs'],
  ])('lets %s import %s', (path, specifier) => {
    expect(importLawBreaches([factsOf(path, `import { thing } from '${specifier}';`)])).toEqual([]);
  });

  it('names only rings that exist', () => {
    const names = RINGS.map(({ name }) => name);
    for (const ring of RINGS) expect(names).toEqual(expect.arrayContaining([...ring.imports]));
    expect(ringOf('shared/adapters/embedded-store.ts')?.name).toBe('embedded adapters');
  });
});

describe('a pure file', () => {
  it('knows neither time nor chance nor machine', () => expect(purityBreaches(sources)).toEqual([]));

  it.each(HOST_GLOBALS)('must not know %s', (name) => {
    const facts = factsOf('shared/simulator/broker.ts', `export const now = () => ${name};`);
    expect(purityBreaches([facts])).toEqual([`shared/simulator/broker.ts knows ${name}`]);
  });

  it.each(LOCALE_MEMBERS)('must not ask for the locale by %s', (name) => {
    expect(purityBreaches([factsOf('shared/model/event.ts', `export const text = (1).${name}();`)])).toHaveLength(1);
  });

  it('must not walk prototypes with for…in', () => {
    expect(purityBreaches([factsOf('consumers/lane.ts', 'for (const key in {}) work(key);')])).toHaveLength(1);
  });

  it('may use such a word for something of its own', () => {
    const text = `
      interface Place { readonly process: string; readonly performance: number }
      export const nameOf = ({ process }: Place) => process;
      export function run(crypto: Place) { return { Date: crypto.performance, process: crypto.process }; }`;
    expect(purityBreaches([factsOf('shared/model/place.ts', text)])).toEqual([]);
  });

  it('is one outside of adapters and lab', () => {
    expect(
      purityBreaches([factsOf('lab/main.ts', 'process.exit();'), factsOf('shared/adapters/x.ts', 'Date;')]),
    ).toEqual([]);
  });
});

describe('modules', () => {
  it('have no default export', () => expect(defaultExportBreaches(all)).toEqual([]));

  it.each(['export default class {}', 'export default 1;', 'export default function work() {}'])(
    'may not say `%s`',
    (text) => expect(defaultExportBreaches([factsOf('lab/x.ts', text)])).toHaveLength(1),
  );

  it('have no cycle among values', () => expect(cycleBreaches(all)).toEqual([]));

  it('are found in a cycle, and one by types only is none', () => {
    const cycle = (first: string) => [
      factsOf('lab/a.ts', first),
      factsOf('lab/b.ts', "import { c } from './c';"),
      factsOf('lab/c.ts', "export { a } from './a';"),
    ];
    expect(cycleBreaches(cycle("import { b } from './b';"))).toEqual([
      'cycle: lab/a.ts → lab/b.ts → lab/c.ts → lab/a.ts',
    ]);
    expect(cycleBreaches(cycle("import type { B } from './b'; import { type C } from './c';"))).toEqual([]);
  });

  it('are all alive', () => expect(deadFileBreaches(all, ENTRIES)).toEqual([]));

  it('are dead when only a test imports them, and so is support that no test imports', () => {
    const tree = [
      factsOf('lab/main.ts', "import './used';"),
      factsOf('lab/used.ts', ''),
      factsOf('lab/unused.ts', ''),
      factsOf('test/unused.test.ts', "import '../lab/unused'; import './support/a';"),
      factsOf('test/support/a.ts', ''),
      factsOf('test/support/b.ts', ''),
    ];
    const dead = deadFileBreaches(tree, ENTRIES).map((sentence) => sentence.split(' ')[0]);
    expect(dead).toEqual(['lab/unused.ts', 'test/support/b.ts']);
  });
});

describe('sizes', () => {
  it('stay within the limits', () => {
    const fileLines = sources.map(({ lineCount }) => lineCount);
    const functionLineCounts = functionLines(sources);
    const shares = [0.5, 0.95, 1];
    process.stdout.write(
      `lines, median/p95/maximum: ${sources.length} files ${shares.map((share) => percentile(fileLines, share)).join('/')}, ` +
        `${functionLineCounts.length} functions ${shares.map((share) => percentile(functionLineCounts, share)).join('/')}\n`,
    );
    expect(fileSizeBreaches([...all, ...scripts])).toEqual([]);
    expect(medianBreaches(sources)).toEqual([]);
    expect(functionSizeBreaches([...sources, ...scripts])).toEqual([]);
  });

  it('are too large one line above a limit, and not on it', () => {
    const file = (path: string, count: number) => [factsOf(path, lines(count))];
    expect(fileSizeBreaches(file('lab/x.ts', LIMITS.fileLinesMax))).toEqual([]);
    expect(fileSizeBreaches(file('lab/x.ts', LIMITS.fileLinesMax + 1))).toHaveLength(1);
    expect(fileSizeBreaches(file('shared/ports.ts', LIMITS.portsLinesMax + 1))).toHaveLength(1);
    expect(fileSizeBreaches(file('a/b/c/d.ts', 1))).toEqual([]);
    expect(fileSizeBreaches(file('a/b/c/d/e.ts', 1))).toHaveLength(1);
    expect(medianBreaches(file('lab/x.ts', LIMITS.fileLinesMedianMax + 1))).toHaveLength(1);
  });

  it.each([
    ['function work() {', '}'],
    ['const work = async () => {', '};'],
    ['class Worker { private async *work(): AsyncGenerator<never> {', '} }'],
    ['class Worker { constructor() {', '} }'],
    ['class Worker { readonly work = () => {', '} }'],
    ['const worker = { get work() {', '} };'],
  ])('count the lines of `%s`, whatever stands above it', (head, tail) => {
    const text = (count: number) => `/* ↔ ≥ */\n\n${head}\n${lines(count - 2)}\n${tail}`;
    const breaches = (count: number) => functionSizeBreaches([factsOf('lab/x.ts', text(count))]);
    expect(factsOf('lab/x.ts', text(12)).functions).toEqual([{ startLine: 3, lineCount: 12 }]);
    expect(breaches(LIMITS.functionLinesP95Max)).toEqual([]);
    expect(breaches(LIMITS.functionLinesP95Max + 1)).toHaveLength(1);
    expect(breaches(LIMITS.functionLinesMax + 1)).toHaveLength(2);
  });
});

describe('the repository', () => {
  it('gives each Markdown file one title', () => {
    const pages = filesBelow('').filter((path) => path.endsWith('.md'));
    expect(pages.flatMap((path) => titleBreaches(path, textOf(path)))).toEqual([]);
    expect(titleBreaches('a.md', 'text')).toHaveLength(1);
    expect(titleBreaches('a.md', '# One\n\n# Two\n')).toHaveLength(1);
    expect(titleBreaches('a.md', '# One\n\n```sh\n# a comment\n```\n')).toEqual([]);
  });

  it('keeps the list of what stands in shared/', () => {
    expect(sharedEntryBreaches(entriesOf('shared'))).toEqual([]);
    expect(sharedEntryBreaches(['model', 'utils'])).toEqual(['shared/utils is not on the list']);
  });

  it('names each runtime package with a reason, in an exact version', () => {
    const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies };
    expect(packageBreaches(runtime, manifest.devDependencies)).toEqual([]);
    const exact = Object.fromEntries(Object.keys(RUNTIME_PACKAGES).map((name) => [name, '1.0.0']));
    expect(packageBreaches(exact, { jest: '30.5.2' })).toEqual([]);
    expect(packageBreaches({ ...exact, lodash: '4.0.0' }, { jest: '^30.5.2' })).toHaveLength(2);
    expect(packageBreaches({}, {})).toHaveLength(Object.keys(RUNTIME_PACKAGES).length);
  });

  it('locks every package by its hash, from a registry', () => {
    expect(lockBreaches(lock.packages)).toEqual([]);
    expect(lockBreaches({ '': {}, a: { integrity: 'sha512-x' } })).toEqual([]);
    expect(
      lockBreaches({ a: {}, b: { integrity: 'x', link: true }, c: { integrity: 'x', resolved: 'git+ssh://x' } }),
    ).toHaveLength(3);
  });

  it('relies on no hook of npm: with install scripts off they would not run', () => {
    const hooks = Object.keys(manifest.scripts).filter((name) =>
      /^(pre|post)|^(prepare|install|dependencies)$/.test(name),
    );
    expect(hooks).toEqual([]);
  });
});
