/** The runner of the tiers, on a folder with tests of its own: test/suites.js. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');
const COPIED = [
  'jest.config.js',
  'jest.real.config.js',
  'jest.deep.config.js',
  'test/suites.js',
  'test/support/seed.ts',
  'test/support/real-setup.js',
  'test/support/real-teardown.js',
];

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-suites-'));
  for (const file of COPIED) write(file, fs.readFileSync(path.join(ROOT, file), 'utf8'));
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), text);
}

/** Exit code and lines of standard output of a tier; what jest says goes to standard error. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const clean = Object.entries(process.env).filter(([name]) => !/^(ORDERLAB|JEST)_/.test(name));
  const { status, stdout } = spawnSync(process.execPath, ['test/suites.js', '--suite', ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(clean), ...env },
    encoding: 'utf8',
  });
  return { exitCode: status, lines: stdout.trim().split('\n') };
}

it('closes with the counts alone on a line, and a file that cannot be loaded has failed', () => {
  write(
    'test/a.test.ts',
    "it('passes', () => {}); it('fails', () => { throw new Error('x'); }); it.skip('waits', () => {});",
  );
  write('test/b.test.ts', "import './missing';");
  write('test/real/c.test.ts', "throw new Error('the quick tier must not load this');");
  const { exitCode, lines } = run(['test']);
  expect(exitCode).toBe(1);
  expect(lines.at(0)).toBe('npm test: nothing but Node; budget 3 minutes');
  expect(lines.at(-2)).toMatch(/^npm test: used 0\.\d\d of 3 minutes$/);
  expect(lines.at(-1)).toBe('1 passed, 2 failed, 1 skipped');
});

it('does not pass when every test was skipped', () => {
  write('test/a.test.ts', "it.skip('waits', () => {});");
  expect(run(['test'])).toMatchObject({
    exitCode: 1,
    lines: expect.arrayContaining(['npm test: no test was executed']),
  });
});

it('lets a missing part be skipped, unless it is required', () => {
  write('test/real/a.test.ts', "it('passes', () => {}); describe.skip('Redis', () => { it('answers', () => {}); });");
  expect(run(['real'])).toMatchObject({
    exitCode: 0,
    lines: expect.arrayContaining(['1 passed, 0 failed, 1 skipped']),
  });
  expect(run(['real'], { ORDERLAB_REQUIRE: 'pulsar' }).exitCode).toBe(0);
  expect(run(['real'], { ORDERLAB_REQUIRE: 'pulsar,redis' }).exitCode).toBe(1);
});

it('says that a tier has no tests, and counts nothing', () => {
  const { exitCode, lines } = run(['real']);
  expect(exitCode).toBe(0);
  expect(lines.at(-1)).toBe('no real-part tests exist yet');
  expect(run(['real'], { ORDERLAB_REQUIRE: 'redis' }).exitCode).toBe(1);
});

it('gives each round of the deep tier a new seed and more runs, and ends with what replays a failure', () => {
  // Passes in the first round only: the second has the next seed.
  write(
    'test/a.test.ts',
    `import * as fc from 'fast-check';
     it('draws', () => {
       const { seed, numRuns } = fc.readConfigureGlobal();
       if (seed !== 7 || numRuns !== 1000) throw new Error('seed ' + seed + ', runs ' + numRuns);
     });`,
  );
  write('test/plain.test.ts', "throw new Error('the deep tier must not load a test that draws nothing');");
  const { exitCode, lines } = run(['deep', '--minutes', '1'], { ORDERLAB_SEED: '7' });
  expect(exitCode).toBe(1);
  expect(lines.filter((line) => line.includes('round'))).toEqual([
    'npm run test:deep: round 1, seed 7, 1000 runs',
    'npm run test:deep: round 2, seed 8, 1000 runs',
  ]);
  expect(lines.at(-3)).toBe(
    'npm run test:deep: replay with ORDERLAB_SEED=8 ORDERLAB_RUNS=1000 npm run test:deep -- --minutes 0.01',
  );
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped');
});

it('refuses minutes that are none', () => {
  expect(run(['deep', '--minutes', 'many']).exitCode).toBe(3);
});
