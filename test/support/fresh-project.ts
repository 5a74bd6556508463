/**
 * A fresh project of a user, which knows nothing of the checkout but the packed tarball. Beside it lie the packages that the
 * user would install: linked to those of this checkout, so that no network is needed, or really from the registry.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { transformSync } from '@swc/core';
import { dependencies, devDependencies, optionalDependencies } from '../../package.json';

const ROOT = path.join(__dirname, '..', '..');
const RUN_DEADLINE_MS = 240_000;

/** What npm says where no answer came, or none that says anything about the package. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E429|E50\d)\b/;

const VERSIONS: Readonly<Record<string, string>> = { ...devDependencies, ...optionalDependencies, ...dependencies };

/** The message is npm's code. */
export class RegistryUnreachable extends Error {}

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
    const tarball = this.#pack();
    const own = this.path('node_modules/orderlab');
    fs.mkdirSync(own, { recursive: true });
    succeed('tar', ['xzf', this.path(tarball), '-C', own, '--strip-components', '1'], this.root);
    for (const name of packageNames()) {
      fs.mkdirSync(path.dirname(this.path('node_modules', name)), { recursive: true });
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), this.path('node_modules', name));
    }
    this.write('package.json', '{ "name": "a-user", "private": true }');
  }

  /**
   * Does what a line `npm install … orderlab NAME…` does, with the tarball, and with the versions of this checkout where it
   * has the package. Throws RegistryUnreachable where npm could not get through, and an Error for whatever else it says.
   */
  installFromRegistry(line: string): void {
    const [, command = '', ...words] = line.split(' ');
    const tarball = this.#pack();
    this.write('package.json', '{ "name": "a-user", "private": true }');
    const packages = words.map((word) => (word === 'orderlab' ? `./${tarball}` : versioned(word)));
    const args = [command, '--no-audit', '--no-fund', '--prefer-offline', ...packages];
    const { status, stdout, stderr } = spawnSync('npm', args, {
      cwd: this.root,
      env: ownEnvironment(),
      encoding: 'utf8',
    });
    const [unreachable] = UNREACHABLE.exec(stderr) ?? [];
    if (status !== 0 && unreachable !== undefined) throw new RegistryUnreachable(unreachable);
    if (status !== 0) throw new Error(`npm ${args.join(' ')} exited ${status}:\n${stdout}${stderr}`);
  }

  /** Builds and packs; the tarball's name. */
  #pack(): string {
    succeed(process.execPath, [path.join(ROOT, 'lab', 'orderlab.js'), '--build'], ROOT);
    const [report] = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', this.root], ROOT));
    return report.filename;
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

  /** A TypeScript file of this checkout, as what its authors would have written in JavaScript. */
  copyAsJavaScript(file: string): void {
    const source = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const { code } = transformSync(source, {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    this.write(path.basename(file).replace(/ts$/, 'js'), code);
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

/** `jest` as `jest@30.5.2`; an option as it is. */
function versioned(word: string): string {
  const version = VERSIONS[word];
  return version === undefined ? word : `${word}@${version}`;
}

/** Without the settings that a surrounding npm exports. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

function succeed(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: ownEnvironment(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited ${status}:\n${stdout}${stderr}`);
  return stdout;
}
