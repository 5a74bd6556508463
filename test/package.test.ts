/** The package as a user gets it: what npm packs is what runs, in a folder that knows nothing of this checkout. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { filesBelow } from './tidy/repository';

const ROOT = path.join(__dirname, '..');
const PACKAGE = 'orderlab';

// npm and npx start several processes each, and the other tests keep the cores busy.
jest.setTimeout(120_000);

let folder: string;
let packed: readonly string[];

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-package-'));
  succeed(process.execPath, ['lab/orderlab.js', '--build'], ROOT);
  const [report] = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', folder], ROOT));
  packed = report.files.map(({ path: file }: { readonly path: string }) => file);
  copyRuntimePackages();
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "a-user", "private": true }');
  succeed('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${report.filename}`], folder);
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs a command without the settings that a surrounding npm exports; what it wrote to standard output. */
function succeed(command: string, args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Packages that already lie there satisfy npm, so that the installation needs no network. */
function copyRuntimePackages(): void {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [name, { dev }] of Object.entries<{ readonly dev?: boolean }>(lock.packages)) {
    if (name !== '' && dev !== true) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
}

it('holds what runs and nothing else', () => {
  const sources = ['shared', 'producers', 'consumers', 'lab']
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.ts'));
  const built = sources.map((file) => `dist/${file.slice(0, -'.ts'.length)}`);
  const expected = [
    ...built.flatMap((stem) => [`${stem}.js`, `${stem}.d.ts`]),
    ...filesBelow('lab/traces'),
    ...filesBelow('lab/live/page').filter((file) => /\.(css|html|svg)$/.test(file)),
    ...['lab/orderlab.js', 'lab/pulsar/pom.xml', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
  ];
  expect([...packed].sort()).toEqual(expected.sort());
});

it('gives a folder that installs it a command that runs the demo to its stated end', () => {
  const demo = succeed('npx', ['--no-install', PACKAGE, 'demo'], folder);
  for (const outcome of ['ORDER BROKEN', 'ORDER KEPT', 'verdict valid']) expect(demo).toContain(outcome);
});

it('can be required and imported by its name, and only by that', () => {
  succeed(process.execPath, ['-e', `require('${PACKAGE}')`], folder);
  succeed(process.execPath, ['--input-type=module', '-e', `await import('${PACKAGE}')`], folder);
  const deep = `require('${PACKAGE}/dist/shared/wire.js')`;
  expect(() => succeed(process.execPath, ['-e', deep], folder)).toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it('brings no setting of this checkout along: the packages of the user may run their scripts', () => {
  expect(packed.filter((file) => path.basename(file).startsWith('.'))).toEqual([]);
  expect(succeed('npm', ['config', 'get', 'ignore-scripts'], folder).trim()).toBe('false');
});
