/** The jars of a Pulsar standalone: resolved once by Maven into the user's cache folder, then only found there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrderlabError } from '../shared/errors';
import { installation } from './installation';
import { PULSAR_VERSION } from './pulsar-files';

const RESOLVE_DEADLINE_MS = 15 * 60 * 1000;
const PROGRESS_INTERVAL_MS = 5_000;
/** What is kept of Maven's output, to be shown when it fails. */
const OUTPUT_KEPT_CHARS = 4_000;

export interface JarsOptions {
  /** Where they are kept; they lie in `lib` below it. */
  readonly cache: string;
  /** Told a sentence every few seconds while they are fetched. */
  readonly say: (sentence: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Null where nobody has resolved them yet. */
export function jarsIn(cache: string): string | null {
  const jars = join(cache, 'lib');
  return existsSync(jars) ? jars : null;
}

/**
 * The folder of the jars, 223 MB. It appears whole or not at all, so whoever finds it may use it. Errors: TOOL_MISSING
 * without Maven, STANDALONE_FAILED when it cannot fetch them.
 */
export async function resolveJars(options: JarsOptions): Promise<string> {
  const found = jarsIn(options.cache);
  if (found !== null) return found;
  mkdirSync(options.cache, { recursive: true });
  const partial = join(options.cache, `lib-${process.pid}.partial`);
  try {
    await runMaven(partial, options);
    return keep(partial, options.cache);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Somebody else may have been quicker: theirs are as good. */
function keep(partial: string, cache: string): string {
  const jars = join(cache, 'lib');
  try {
    renameSync(partial, jars);
  } catch (thrown) {
    if (!existsSync(jars)) throw thrown;
  }
  return jars;
}

async function runMaven(folder: string, { say, signal }: JarsOptions): Promise<void> {
  const pom = join(installation.root, 'lab', 'pulsar', 'pom.xml');
  say(`fetching the jars of Pulsar ${PULSAR_VERSION} with Maven (once, 223 MB)`);
  const goal = 'dependency:copy-dependencies';
  const args = ['-B', '-f', pom, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'];
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn('mvn', args, { stdio: [...stdio], signal, timeout: RESOLVE_DEADLINE_MS });
  const output = watchOutput(child, say);
  const exit = await exitOf(child).finally(output.end);
  if (exit === 0) return;
  const cause = `Maven ended with ${exit}: ${output.tail().trim() || 'no output'}`;
  throw new OrderlabError('STANDALONE_FAILED', { action: 'get its jars', cause, log: 'what stands before this' });
}

function watchOutput(child: ChildProcess, say: (sentence: string) => void) {
  let tail = '';
  let fetchedCount = 0;
  const take = (chunk: Buffer): void => {
    const text = chunk.toString();
    fetchedCount += text.split('Downloaded from').length - 1;
    tail = (tail + text).slice(-OUTPUT_KEPT_CHARS);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const timer = setInterval(() => say(`fetching the jars: ${fetchedCount} files so far`), PROGRESS_INTERVAL_MS);
  return { tail: () => tail, end: () => clearInterval(timer) };
}

function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
    child.once('error', (thrown) => reject('code' in thrown && thrown.code === 'ENOENT' ? mavenMissing() : thrown));
  });
}

function mavenMissing(): OrderlabError {
  const purpose = `fetch the jars of Pulsar ${PULSAR_VERSION}`;
  const remedy = 'install Maven (`apt-get install maven`, `brew install maven`), or use a broker that runs already';
  return new OrderlabError('TOOL_MISSING', { tool: 'mvn', purpose, remedy });
}
