/**
 * A fresh project of a user: the packed tarball unpacked, and beside it the packages that the user would install, linked
 * to those of this checkout, so that no network is needed. It knows nothing else of the checkout.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const RUN_DEADLINE_MS = 240_000;

export interface CommandRun {
  readonly exitCode: number | null;
  /** Both outputs. */
  readonly output: string;
}

export class FreshProject {
  readonly root: string;

  constructor() {
    this.root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-project-')));
  }

  /** Builds, packs and unpacks; links every other package. */
  install(): void {
    succeed(process.execPath, [path.join(ROOT, 'lab', 'orderlab.js'), '--build'], ROOT);
    const [report] = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', this.root], ROOT));
    const own = this.path('node_modules/orderlab');
    fs.mkdirSync(own, { recursive: true });
    succeed('tar', ['xzf', this.path(report.filename), '-C', own, '--strip-components', '1'], this.root);
    for (const name of packageNames()) {
      fs.mkdirSync(path.dirname(this.path('node_modules', name)), { recursive: true });
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), this.path('node_modules', name));
    }
    this.write('package.json', '{ "name": "a-user", "private": true }');
  }

  path(...names: readonly string[]): string {
    return path.join(this.root, ...names);
  }

  write(name: string, text: string): void {
    fs.writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return fs.readFileSync(this.path(name), 'utf8');
  }

  /** Files of a folder of this checkout, into the project's root. */
  copy(folder: string): void {
    fs.cpSync(path.join(ROOT, folder), this.root, { recursive: true });
  }

  /** A program of an installed package, or node itself. */
  run(command: string, ...args: readonly string[]): CommandRun {
    const { ORDERLAB_REDIS_URL: _url, ORDERLAB_SEED: _seed, ...env } = process.env;
    const file = command === 'node' ? [] : [this.path('node_modules', '.bin', command)];
    const ended = spawnSync(process.execPath, [...file, ...args], {
      ...{ cwd: this.root, encoding: 'utf8', timeout: RUN_DEADLINE_MS },
      env: { ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    return { exitCode: ended.status, output: ended.stdout + ended.stderr };
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Top-level packages and `.bin`, scoped ones by their whole name. */
function packageNames(): readonly string[] {
  const below = (folder: string) => fs.readdirSync(path.join(ROOT, 'node_modules', folder));
  const names = below('').filter((name) => name !== 'orderlab' && (name === '.bin' || !name.startsWith('.')));
  return names.flatMap((name) => (name.startsWith('@') ? below(name).map((each) => `${name}/${each}`) : [name]));
}

function succeed(command: string, args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited ${status}:\n${stdout}${stderr}`);
  return stdout;
}
