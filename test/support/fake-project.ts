/**
 * A project folder for the launcher that needs no network: a copy of the launcher with an npm and a tsc made for the
 * test. Both note what they do in a log, and wait at a gate when the test closed one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const LAUNCHER = path.join(__dirname, '..', '..', 'lab', 'orderlab.js');

/** What a launcher did from its start to its end. */
export interface LauncherRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A launcher at work. */
export interface RunningLauncher {
  readonly child: ChildProcess;
  readonly ended: Promise<LauncherRun>;
  /** Resolves when the text stands on standard error; the test's deadline ends a wait in vain. */
  said(text: string): Promise<void>;
}

/** The common part of both stand-ins: note, wait at the gate, refuse company. */
const PRELUDE = `
const fs = require('fs'), path = require('path');
const root = process.cwd();
const note = (line) => fs.appendFileSync(path.join(root, 'log.txt'), line + '\\n');
const atGate = (name) => {
  note([name, ...process.argv.slice(2, 3), 'began'].join(' '));
  while (fs.existsSync(path.join(root, name + '.gate'))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  note(name + ' ended');
};
`;

const TSC = `${PRELUDE}
atGate('tsc');
if (fs.existsSync(path.join(root, 'type-error'))) { console.log('lab/main.ts(1,1): error TS2322'); process.exit(2); }
const out = path.join(process.argv[process.argv.indexOf('--outDir') + 1], 'lab');
fs.mkdirSync(out, { recursive: true });
for (const name of fs.readdirSync('lab').filter((each) => each.endsWith('.ts')))
  fs.copyFileSync(path.join('lab', name), path.join(out, name.replace(/ts$/, 'js')));
`;

const NPM = `#!${process.execPath}
${PRELUDE}
fs.rmSync('node_modules', { recursive: true, force: true });
atGate('npm');
if (fs.existsSync('npm-error')) { console.error(fs.readFileSync('npm-error', 'utf8')); process.exit(1); }
fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
fs.writeFileSync('node_modules/typescript/bin/tsc', ${JSON.stringify(TSC)});
fs.writeFileSync('node_modules/.package-lock.json', '{}');
`;

/** Prints its arguments and exits with the last of them where that is a number. */
export const ECHO_PROGRAM = `
console.log(JSON.stringify(process.argv.slice(2)));
process.exitCode = Number(process.argv[process.argv.length - 1]) || 0;
`;

export class FakeProject {
  readonly root: string;

  constructor() {
    this.root = fs.mkdtempSync(path.join(os.tmpdir(), 'orderlab-launcher-'));
    this.write('package.json', '{}');
    this.write('package-lock.json', '{}');
    this.write('tsconfig.build.json', '{ "include": ["lab"] }');
    this.write('lab/main.ts', ECHO_PROGRAM);
    this.write('bin/npm', NPM);
    fs.chmodSync(this.path('bin/npm'), 0o755);
    fs.copyFileSync(LAUNCHER, this.path('lab/orderlab.js'));
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  has(name: string): boolean {
    return fs.existsSync(this.path(name));
  }

  write(name: string, text: string): void {
    fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
    fs.writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    fs.rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Resolves when npm or tsc has noted the line; its file is there a moment before its text. */
  async noted(line: string): Promise<void> {
    while (!(this.has('log.txt') && fs.readFileSync(this.path('log.txt'), 'utf8').includes(`${line}\n`))) {
      await new Promise(setImmediate);
    }
  }

  /** What npm and tsc noted since the last call. */
  takeLog(): readonly string[] {
    if (!this.has('log.txt')) return [];
    const lines = fs.readFileSync(this.path('log.txt'), 'utf8').trim().split('\n');
    this.remove('log.txt');
    return lines;
  }

  start(args: readonly string[], nodeArgs: readonly string[] = []): RunningLauncher {
    const env = { ...process.env, PATH: `${this.path('bin')}${path.delimiter}${process.env.PATH}`, npm_execpath: '' };
    const child = spawn(process.execPath, [...nodeArgs, this.path('lab/orderlab.js'), ...args], { env });
    return watched(child);
  }

  run(...args: string[]): Promise<LauncherRun> {
    return this.start(args).ended;
  }
}

function watched(child: ChildProcess): RunningLauncher {
  let stdout = '';
  let stderr = '';
  let heard = (): void => undefined;
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
    heard();
  });
  const ended = new Promise<LauncherRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve) => {
      heard = () => stderr.includes(text) && resolve();
      heard();
    });
  return { child, ended, said };
}
