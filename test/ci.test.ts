/** What CI runs, with stand-ins for npm and npx that note how they were called: .ci/run. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const SCRIPT = path.join(__dirname, '..', '.ci', 'run');
const ALWAYS = [
  'npm ci --no-audit --no-fund',
  'npm test',
  'npx biome check',
  'npx oxlint --type-aware',
  'npx tsc -p tsconfig.json',
  'npx knip',
];
const PARTS = [
  'apt-get update -q',
  'apt-get install -y -q redis-server',
  'apt-get install -y -q --no-upgrade openjdk-17-jre-headless maven',
  'npx orderlab pulsar jars',
  'apt-get install -y -q --no-install-recommends prometheus docker-compose',
  'apt-get install -y -q --no-install-recommends chromium',
  'python3 -m pip install -q --break-system-packages websocket-client==1.9.2 schemathesis==4.32.5',
];
/** The stand-ins note what must be there. */
const REAL =
  'npm run test:real (requires redis,pulsar,prometheus,docker-compose,chromium,websocket-client,schemathesis)';
const DEEP = 'npm run test:deep -- --minutes 10';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-ci-'));
  write('.ci/run', fs.readFileSync(SCRIPT, 'utf8'));
  for (const name of ['npm', 'npx', 'apt-get', 'python3']) {
    const call = `${name} $*\${ORDERLAB_REQUIRE:+ (requires $ORDERLAB_REQUIRE)}`;
    write(`bin/${name}`, `#!/bin/sh\necho "${call}" >> calls.txt\ntest "$(cat broken 2>/dev/null)" != "${call}"\n`);
    fs.chmodSync(path.join(folder, 'bin', name), 0o755);
  }
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), text);
}

function run() {
  const { ORDERLAB_REQUIRE: _, ...clean } = process.env;
  const env = { ...clean, PATH: `${path.join(folder, 'bin')}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('bash', [path.join(folder, '.ci', 'run')], { env, encoding: 'utf8' });
  const calls = fs.readFileSync(path.join(folder, 'calls.txt'), 'utf8').trim().split('\n');
  return { exitCode: status, stdout, calls };
}

it('installs, then runs the tests as the README says it, then the rest, and only the tiers that exist', () => {
  expect(run()).toMatchObject({ exitCode: 0, calls: ALWAYS });
});

it('runs the real and the deep tier as soon as they have a test', () => {
  write('test/real/a.test.ts', '');
  write('test/b.test.ts', "import * as fc from 'fast-check';");
  expect(run().calls).toEqual([...ALWAYS, ...PARTS, REAL, DEEP]);
});

it.each([...ALWAYS, ...PARTS, REAL, DEEP])('fails when `%s` fails, names it, and still runs the rest', (broken) => {
  write('test/real/a.test.ts', '');
  write('test/deep/b.test.ts', '');
  write('broken', broken);
  const { exitCode, stdout, calls } = run();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/used +0\.0 of +\d+ minutes {2}FAILED \(1\)/);
  expect(stdout).toContain('failed suites: 1');
  expect(calls).toEqual([...ALWAYS, ...PARTS, REAL, DEEP]);
});

it('stays under an hour by its budgets', () => {
  write('test/real/a.test.ts', '');
  write('test/deep/b.test.ts', '');
  const budgets = [...run().stdout.matchAll(/used +\S+ of +(\d+) minutes {2}passed/g)].map(([, minutes]) =>
    Number(minutes),
  );
  expect(budgets).toHaveLength([...ALWAYS, ...PARTS, REAL, DEEP].length);
  expect(budgets.reduce((sum, minutes) => sum + minutes)).toBeLessThan(60);
});

it('may be executed as it stands', () => expect(fs.statSync(SCRIPT).mode & 0o111).toBe(0o111));
