#!/usr/bin/env node
/**
 * The launcher: `npm start`, `npm test` and the `orderlab` command all begin here, on a bare clone as well as installed.
 *
 * In a checkout it installs the packages when they are missing or older than the lock file, builds dist/ when its
 * sources changed, and then runs in this same process, so that signals and exit codes need no forwarding. Installed as a
 * package it only runs: dist/ was shipped. Everything it says goes to standard error: standard output may be JSON.
 *
 * Plain JavaScript, built-in modules only, no syntax newer than ES2017, and nothing is required before Node's version
 * is checked: an old Node has to get as far as the sentence about itself.
 */
'use strict';

const NODE_VERSION_NEEDED = [20, 19];
/** The exit code of shared/errors.ts for whatever is the world's failure. */
const EXIT_INFRASTRUCTURE = 3;
const INSTALL_DEADLINE_MS = 15 * 60 * 1000;
const BUILD_DEADLINE_MS = 5 * 60 * 1000;
/** Modules for browsers, and the program: in this order, since the first also writes, as such modules, what both share. */
const PROJECTS = ['lab/live/page/tsconfig.json', 'tsconfig.build.json'];
/** A waiting launcher outlives one that installs and builds within its own deadlines. */
const LOCK_DEADLINE_MS = INSTALL_DEADLINE_MS + BUILD_DEADLINE_MS + 60 * 1000;
const LOCK_POLL_MS = 100;
const PROGRESS_INTERVAL_MS = 5 * 1000;
/** What is kept of a child's output, to be shown if it fails. */
const OUTPUT_KEPT_CHARS = 64 * 1024;
/** Codes by which npm says that nobody answered. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|E?TIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

checkNode();

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');

const root = path.dirname(__dirname);
const at = (...names) => path.join(root, ...names);

/** A failure that one sentence explains; anything else is shown with its stack. */
class Sentence extends Error {}

/** `--build` only builds and `--suite NAME` runs a tier of the tests, both in a checkout only; all else is the program's. */
async function main() {
  const isCheckout = fs.existsSync(at('tsconfig.build.json'));
  const mode = process.argv[2];
  const isOwnMode = mode === '--build' || mode === '--suite';
  if (isOwnMode && !isCheckout) throw new Sentence(`${mode} needs a checkout; this is an installed package`);
  if (isCheckout) await prepare(mode !== '--suite');
  if (mode === '--suite') require(at('test', 'suites.js'));
  if (isOwnMode) return;
  // Lines of the sources in a stack; the package ships no maps.
  process.setSourceMapsEnabled(isCheckout);
  require(at('dist', 'lab', 'main.js'));
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [majorNeeded, minorNeeded] = NODE_VERSION_NEEDED;
  if (major > majorNeeded || (major === majorNeeded && minor >= minorNeeded)) return;
  const needed = NODE_VERSION_NEEDED.join('.');
  say(
    `this is Node ${process.version} and ${needed} or newer is needed: install it (https://nodejs.org) and try again`,
  );
  process.exit(EXIT_INFRASTRUCTURE);
}

function say(sentence) {
  process.stderr.write(`orderlab: ${sentence}\n`);
}

/** Brings node_modules and, where asked, dist/ up to date; takes the lock only when there is something to do. */
async function prepare(withBuild) {
  const isStale = () => packagesAreStale() || (withBuild && buildIsStale());
  if (!isStale()) return;
  const lock = await takeLock(at('.orderlab', 'launcher.lock'));
  try {
    // Another launcher may have done it all while this one waited.
    if (packagesAreStale()) await install(lock);
    if (withBuild && buildIsStale()) await build(lock);
  } finally {
    lock.release();
  }
}

// ---- Packages

/** npm writes node_modules/.package-lock.json last: it is missing after an interrupted install. */
function packagesAreStale() {
  const installed = modifiedMs(at('node_modules', '.package-lock.json'));
  return installed === null || installed < (modifiedMs(at('package-lock.json')) || 0);
}

function modifiedMs(file) {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? null : stats.mtimeMs;
}

async function install(lock) {
  const [command, ...prefix] = npmCommand();
  // Development packages are needed whatever NODE_ENV says: TypeScript builds dist/.
  const args = [...prefix, 'ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const retries = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const result = await runChild(lock, 'installing the packages (npm ci)', INSTALL_DEADLINE_MS, command, [
    ...args,
    ...retries,
  ]);
  if (result.succeeded) return;
  const [unreachable] = UNREACHABLE.exec(result.output) || [];
  if (unreachable !== undefined) {
    throw new Sentence(
      `the npm registry cannot be reached (${unreachable}): check the network or \`npm config get registry\`, then run the same command again`,
    );
  }
  process.stderr.write(result.output);
  throw new Sentence(`the packages could not be installed: npm ci ${result.ending}`);
}

/** The npm that started this launcher where there is one, else the one on the PATH. */
function npmCommand() {
  const running = process.env.npm_execpath || '';
  if (/^npm-cli\.c?js$/.test(path.basename(running))) return [process.execPath, running];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

// ---- Build

/** dist/ names the bytes that it was built from: exact where times of change would mislead (a checkout, a copy). */
function buildIsStale() {
  const stamp = at('dist', '.built-from');
  return !fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== sourceHash();
}

function sourceHash() {
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const folders = JSON.parse(fs.readFileSync(at('tsconfig.build.json'), 'utf8')).include;
  const hash = crypto.createHash('sha256');
  for (const file of [...settings, ...folders.flatMap(sourceFiles).sort()]) {
    if (!fs.existsSync(at(file))) continue;
    const bytes = fs.readFileSync(at(file));
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function sourceFiles(folder) {
  if (!fs.existsSync(at(folder))) return [];
  return fs.readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(name);
    return /\.(ts|json)$/.test(name) ? [name] : [];
  });
}

/** Builds beside dist/ and swaps: a build that fails or is killed leaves the old dist/ whole. */
async function build(lock) {
  const hash = sourceHash();
  // As deep as dist/, or its source maps would point past the sources.
  const next = at('.dist-next');
  const previous = at('.dist-previous');
  for (const folder of [next, previous]) fs.rmSync(folder, { recursive: true, force: true });
  const compiler = at('node_modules', 'typescript', 'bin', 'tsc');
  for (const project of PROJECTS.filter((file) => fs.existsSync(at(file)))) {
    const args = [compiler, '-p', project, '--outDir', next];
    const result = await runChild(lock, `building dist (tsc -p ${project})`, BUILD_DEADLINE_MS, process.execPath, args);
    if (result.succeeded) continue;
    process.stderr.write(result.output);
    throw new Sentence(`the build failed: tsc ${result.ending}`);
  }
  fs.mkdirSync(next, { recursive: true });
  fs.writeFileSync(path.join(next, '.built-from'), hash);
  if (fs.existsSync(at('dist'))) fs.renameSync(at('dist'), previous);
  fs.renameSync(next, at('dist'));
  fs.rmSync(previous, { recursive: true, force: true });
}

// ---- Children

/**
 * Runs a child with the lock in both names, so that a killed launcher does not let a second one loose on the folder
 * where its orphan still works. A signal to the launcher ends the child first.
 */
function runChild(lock, what, deadlineMs, command, args) {
  say(`${what} …`);
  return new Promise((resolve, reject) => {
    const isWindowsScript = command.endsWith('.cmd');
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: isWindowsScript });
    if (child.pid !== undefined) lock.addHolder(child.pid);
    const stopWatching = watchChild(child, what, deadlineMs);
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_KEPT_CHARS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      stopWatching();
      reject(
        new Sentence(`${command} could not be started (${error.message}): it comes with Node, put it on the PATH`),
      );
    });
    child.on('close', (code, signal) => {
      const stoppedBy = stopWatching();
      if (stoppedBy !== null) reject(Object.assign(new Sentence(`${what}: stopped`), { exitCode: stoppedBy }));
      else resolve({ succeeded: code === 0, output, ending: signal === null ? `exited ${code}` : `got ${signal}` });
    });
  });
}

/** Progress, the deadline and signals of a child; the function returned ends all three. */
function watchChild(child, what, deadlineMs) {
  const startMs = Date.now();
  let stoppedBy = null;
  const progress = setInterval(
    () => say(`${what} … ${Math.round((Date.now() - startMs) / 1000)} s`),
    PROGRESS_INTERVAL_MS,
  );
  const deadline = setTimeout(() => {
    say(`${what} takes longer than ${deadlineMs / 60000} minutes: giving up`);
    child.kill('SIGKILL');
  }, deadlineMs);
  const stop = (signal, number) => {
    stoppedBy = 128 + number;
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return () => {
    clearInterval(progress);
    clearTimeout(deadline);
    process.off('SIGINT', stop).off('SIGTERM', stop);
    return stoppedBy;
  };
}

// ---- The lock

/**
 * A folder with one file per holder, named by its pid. It appears complete, with its first holder: a rename, which fails
 * while the folder stands. It is free when no holder lives. Whoever clears a dead lock moves it away first and looks at
 * what it moved: had another launcher cleared it and locked anew in between, the living lock goes back.
 */
async function takeLock(folder) {
  const own = `${folder}.${process.pid}`;
  const deadlineMs = Date.now() + LOCK_DEADLINE_MS;
  prepareLock(own);
  // Whoever is interrupted while it waits takes with it what was to become the lock.
  const giveUp = (_signal, number) => {
    fs.rmSync(own, { recursive: true, force: true });
    process.exit(128 + number);
  };
  process.on('SIGINT', giveUp).on('SIGTERM', giveUp);
  for (let isFirst = true; !renamed(own, folder); isFirst = false) {
    const holders = livingHolders(folder);
    if (holders.length === 0) clearDeadLock(folder);
    else if (isFirst) say(`waiting for another orderlab that prepares this folder (pid ${holders.join(', ')}) …`);
    if (Date.now() > deadlineMs) {
      fs.rmSync(own, { recursive: true });
      throw new Sentence(
        `pid ${holders.join(', ')} holds ${folder} for too long: end it, or delete that, and try again`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
  process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
  return {
    addHolder: (pid) => addHolder(folder, pid),
    release() {
      // Away first: an emptied folder would let another launcher's rename through before it is gone.
      if (renamed(folder, own)) fs.rmSync(own, { recursive: true });
    },
  };
}

/** The folder that becomes the lock; an earlier life with this pid may have left one. */
function prepareLock(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  addHolder(folder, process.pid);
}

function addHolder(folder, pid) {
  fs.writeFileSync(path.join(folder, String(pid)), '');
}

/** False when the source is gone or the target stands in the way. */
function renamed(from, to) {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) return false;
    throw error;
  }
}

/** Pids in the lock that live; none when the lock is gone. */
function livingHolders(folder) {
  try {
    return fs.readdirSync(folder).map(Number).filter(isAlive);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function isAlive(pid) {
  // In a container the pids start over: a lock in this very pid was left by an earlier life.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another account.
    return error.code === 'EPERM';
  }
}

function clearDeadLock(folder) {
  const moved = `${folder}.${process.pid}.dead`;
  if (!renamed(folder, moved)) return;
  if (livingHolders(moved).length > 0 && renamed(moved, folder)) return;
  fs.rmSync(moved, { recursive: true, force: true });
}

main().catch((error) => {
  say(error instanceof Sentence ? error.message : error.stack);
  process.exit(error.exitCode || EXIT_INFRASTRUCTURE);
});
