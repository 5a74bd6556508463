/** The launcher on a project folder of its own, without network: lab/orderlab.js. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { FakeProject } from './support/fake-project';

const INSTALLED = ['npm ci began', 'npm ended'];
const BUILT = ['tsc -p began', 'tsc ended'];

let project: FakeProject;
beforeEach(() => {
  project = new FakeProject();
});
afterEach(() => {
  fs.rmSync(project.root, { recursive: true, force: true });
});

/** A pid that nobody has: its process was waited for. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

async function prepared(): Promise<void> {
  await project.run();
  project.takeLog();
}

describe('on a bare clone', () => {
  it('installs, builds and runs, with arguments and exit code passed through and only the program on standard output', async () => {
    const run = await project.run('run', '--json', '7');
    expect(run).toMatchObject({ exitCode: 7, stdout: '["run","--json","7"]\n' });
    expect(run.stderr).toContain('installing the packages');
    expect(project.takeLog()).toEqual([...INSTALLED, ...BUILT]);
  });

  it('says in one sentence that the registry cannot be reached, and exits 3', async () => {
    project.write('npm-error', 'npm error code ENOTFOUND\nnpm error network request to the registry failed');
    const run = await project.run();
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toBe('');
    expect(run.stderr.trim().split('\n')).toEqual([
      'orderlab: installing the packages (npm ci) …',
      expect.stringMatching(/^orderlab: the npm registry cannot be reached \(ENOTFOUND\): .*again$/),
    ]);
  });

  it("shows npm's own words when it fails for another reason, and exits 3", async () => {
    project.write('npm-error', 'npm error code EUSAGE');
    const run = await project.run();
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(
      /npm error code EUSAGE\n+orderlab: the packages could not be installed: npm ci exited 1\n$/,
    );
  });
});

describe('on a prepared checkout', () => {
  beforeEach(prepared);

  it('neither installs nor builds nor says anything', async () => {
    expect(await project.run()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(project.takeLog()).toEqual([]);
  });

  it('installs anew when the lock file is newer than what is installed, and builds as the lock file says', async () => {
    project.write('package-lock.json', '{ "changed": true }');
    const laterMs = Date.now() / 1000 + 5;
    fs.utimesSync(project.path('package-lock.json'), laterMs, laterMs);
    await project.run();
    expect(project.takeLog()).toEqual([...INSTALLED, ...BUILT]);
  });

  it('builds anew when a source was changed, even to an older time', async () => {
    project.write('lab/main.ts', 'console.log("changed")');
    fs.utimesSync(project.path('lab/main.ts'), 0, 0);
    expect((await project.run()).stdout).toBe('changed\n');
    expect(project.takeLog()).toEqual(BUILT);
  });

  it('builds anew when a source is gone, and leaves nothing of it in dist', async () => {
    project.write('lab/other.ts', '');
    await project.run();
    expect(project.has('dist/lab/other.js')).toBe(true);
    project.remove('lab/other.ts');
    await project.run();
    expect(project.has('dist/lab/other.js')).toBe(false);
  });

  it('only builds when it is asked to', async () => {
    project.write('lab/main.ts', 'console.log("changed")');
    expect(await project.run('--build')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(project.takeLog()).toEqual(BUILT);
  });

  it("keeps the old dist and shows the compiler's words when the build fails, and exits 3", async () => {
    project.write('type-error', '');
    project.write('lab/main.ts', 'const wrong: number = "";');
    const run = await project.run();
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('error TS2322');
    expect(fs.readFileSync(project.path('dist/lab/main.js'), 'utf8')).toContain('argv');
  });
});

describe('with company', () => {
  it('prepares a folder once when two launchers start at once, and both run', async () => {
    project.write('npm.gate', '');
    const first = project.start(['first']);
    await first.said('installing');
    const second = project.start(['second']);
    await second.said('waiting for another orderlab');
    project.remove('npm.gate');
    expect(await first.ended).toMatchObject({ exitCode: 0, stdout: '["first"]\n' });
    expect(await second.ended).toMatchObject({ exitCode: 0, stdout: '["second"]\n' });
    expect(project.takeLog()).toEqual([...INSTALLED, ...BUILT]);
  });

  it('prepares a folder once when eight launchers meet a lock whose holder is dead', async () => {
    project.write(`.orderlab/launcher.lock/${deadPid()}`, '');
    const runs = await Promise.all(Array.from({ length: 8 }, () => project.run()));
    expect(runs.map((run) => run.exitCode)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(project.takeLog()).toEqual([...INSTALLED, ...BUILT]);
    expect(fs.readdirSync(project.path('.orderlab'))).toEqual([]);
  });

  it('waits for the npm that a killed launcher left behind', async () => {
    project.write('npm.gate', '');
    const killed = project.start([]);
    // Its child holds the lock too once npm has begun.
    await killed.said('installing');
    await project.noted('npm ci began');
    killed.child.kill('SIGKILL');
    expect(await killed.ended.then(() => 'ended', String)).toBe('ended');
    const next = project.start([]);
    await next.said('waiting for another orderlab');
    project.remove('npm.gate');
    expect((await next.ended).exitCode).toBe(0);
    expect(project.takeLog()).toEqual([...INSTALLED, ...BUILT]);
  });

  it('leaves nothing of itself when it is asked to stop while another one prepares', async () => {
    project.write('npm.gate', '');
    const first = project.start([]);
    await first.said('installing');
    const waiting = project.start([]);
    await waiting.said('waiting for another orderlab');
    waiting.child.kill('SIGINT');
    expect((await waiting.ended).exitCode).toBe(130);
    expect(fs.readdirSync(project.path('.orderlab'))).toEqual(['launcher.lock']);
    project.remove('npm.gate');
    expect((await first.ended).exitCode).toBe(0);
  });

  it('ends npm and frees the lock when it is asked to stop', async () => {
    project.write('npm.gate', '');
    const stopped = project.start([]);
    await stopped.said('installing');
    await project.noted('npm ci began');
    stopped.child.kill('SIGTERM');
    expect((await stopped.ended).exitCode).toBe(143);
    expect(fs.readdirSync(project.path('.orderlab'))).toEqual([]);
    expect(project.takeLog()).toEqual(['npm ci began']);
  });
});

describe('elsewhere', () => {
  it('only runs when it is installed as a package', async () => {
    await prepared();
    for (const name of ['tsconfig.build.json', 'node_modules', 'package-lock.json']) project.remove(name);
    expect(await project.run('demo')).toMatchObject({ exitCode: 0, stdout: '["demo"]\n', stderr: '' });
    for (const mode of ['--suite', '--build']) expect((await project.run(mode)).exitCode).toBe(3);
  });

  it('shows the lines of the sources in a stack, where there are sources', async () => {
    project.write('lab/main.ts', 'console.log(process.sourceMapsEnabled)');
    expect((await project.run()).stdout).toBe('true\n');
    project.remove('tsconfig.build.json');
    expect((await project.run()).stdout).toBe('false\n');
  });

  it.each([
    ['v8.17.0', '8.17.0'],
    ['v20.18.3', '20.18.3'],
  ])('names itself, what is needed and what to do under Node %s', async (version, node) => {
    const pretend = `Object.defineProperties(process, { version: { value: '${version}' }, versions: { value: { node: '${node}' } } })`;
    project.write('pretend.js', pretend);
    const run = await project.start([], ['-r', project.path('pretend.js')]).ended;
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(
      new RegExp(`^orderlab: this is Node ${version} and 20\\.19 or newer is needed: install it.*\n$`),
    );
    expect(project.takeLog()).toEqual([]);
  });

  it('is parsed by an old Node: nothing newer than ES2017 stands in it', () => {
    const text = fs.readFileSync(project.path('lab/orderlab.js'), 'utf8');
    for (const newer of [/\?\./, /\?\?/, /\bcatch \{/, /\{ \.\.\./, /\d_\d/, /^\s+(static|#)/m])
      expect(text).not.toMatch(newer);
  });

  it('may be executed as it stands', () => {
    expect(fs.statSync('lab/orderlab.js').mode & 0o111).toBe(0o111);
    expect(project.has('lab/orderlab.js')).toBe(true);
  });
});
