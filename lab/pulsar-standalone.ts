/** A Pulsar standalone on this machine: started from its jars, loopback only, told by its data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PulsarAdmin } from '../shared/adapters/pulsar-admin';
import { OrderlabError } from '../shared/errors';
import {
  addressesOf,
  type BrokerSettings,
  filesIn,
  javaArguments,
  LOG_CONFIGURATION,
  type StandalonePorts,
  standaloneConfiguration,
} from './pulsar-files';
import { forgetInstance, goneWithin, type Instance, readInstance, writeInstance } from './pulsar-instance';
import { resolveJars } from './pulsar-jars';

/** From the start to the first `ok`: 6 to 13 s usually, 40 s on an overloaded machine. */
const HEALTH_DEADLINE_MS = 120_000;
const HEALTH_POLL_MS = 250;
/** A call that is cut off leaves its work behind in the broker: it is given time. */
const HEALTH_CALL_MS = 15_000;
/** A standalone that was asked to end flushes its cursors and is gone after 2 to 4 s. */
const STOP_DEADLINE_MS = 30_000;
const KILL_DEADLINE_MS = 5_000;
const PROGRESS_INTERVAL_MS = 5_000;
const LOG_LINES_SHOWN = 5;
const PORT_MAX = 65_535;

export interface StandaloneOptions extends StandalonePorts {
  /** The data folder: messages, configuration, log. */
  readonly data: string;
  /** Where the jars are kept. */
  readonly cache: string;
  readonly say: (sentence: string) => void;
  /** Aborted: what was begun is ended, and no process is left. */
  readonly signal?: AbortSignal | undefined;
  /** Settings beside our own, such as certificates. */
  readonly settings?: BrokerSettings;
  /** Asks for its health, where those settings ask for a token. */
  readonly token?: string;
  /** It ends with the process group of its starter, as a test's broker should. Default: it outlives it. */
  readonly attached?: true;
}

/** A standalone and how it is. stopped: none runs from this data folder. */
export type StandaloneStatus =
  | { readonly state: 'stopped'; readonly data: string }
  | (Instance & { readonly state: 'starting' | 'healthy'; readonly data: string; readonly log: string });

/**
 * Resolves when it is healthy; one that runs already from the same folder on the same ports is waited for. Errors:
 * TOOL_MISSING, PORT_IN_USE, USAGE (it runs on other ports), STANDALONE_FAILED with the last lines of its log.
 */
export async function startStandalone(options: StandaloneOptions): Promise<StandaloneStatus> {
  const data = resolve(options.data);
  const running = readInstance(data);
  if (running !== null) {
    requireSamePorts(running, options);
    await healthy({ pid: running.pid, data, options, exited: () => null });
    return statusOf(data, options.token);
  }
  await requireFree(options.brokerPort, '--port');
  await requireFree(options.httpPort, '--http-port');
  const jars = await resolveJars(options);
  options.signal?.throwIfAborted();
  await launch(jars, data, options);
  return statusOf(data, options.token);
}

/**
 * Asks it to end, and kills it when it does not; in-order: that is an error instead, STANDALONE_FAILED. False: none was
 * running.
 */
export async function stopStandalone(data: string, way: 'anyhow' | 'in-order' = 'anyhow'): Promise<boolean> {
  const folder = resolve(data);
  const instance = readInstance(folder);
  if (instance === null) return false;
  await end(instance.pid, folder, way);
  forgetInstance(folder);
  return true;
}

/** SIGKILL at once, before this returns; resolves when it is gone. False: none was running. */
export async function killStandalone(data: string): Promise<boolean> {
  const folder = resolve(data);
  const instance = readInstance(folder);
  if (instance === null) return false;
  signal(instance.pid, 'SIGKILL');
  await gone(instance.pid, folder);
  forgetInstance(folder);
  return true;
}

export async function statusOf(data: string, token?: string): Promise<StandaloneStatus> {
  const folder = resolve(data);
  const instance = readInstance(folder);
  if (instance === null) return { state: 'stopped', data: folder };
  const state = (await isHealthy(instance, token)) ? 'healthy' : 'starting';
  return { state, ...instance, data: folder, log: filesIn(folder).log };
}

function requireSamePorts(running: Instance, { data, brokerPort, httpPort }: StandaloneOptions): void {
  if (running.brokerPort === brokerPort && running.httpPort === httpPort) return;
  const ports = `--port ${running.brokerPort} --http-port ${running.httpPort}`;
  throw new OrderlabError('USAGE', { problem: `the standalone in ${data} runs already, with ${ports}: stop it first` });
}

async function requireFree(port: number, option: string): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > PORT_MAX) {
    throw new OrderlabError('USAGE', { problem: `${option} is a port from 1 to ${PORT_MAX}, got ${port}` });
  }
  const server = createServer();
  await new Promise<void>((done, refuse) => {
    server.once('error', (thrown) => refuse(portError(thrown, port, option)));
    server.listen(port, '127.0.0.1', () => server.close(() => done()));
  });
}

function portError(thrown: Error, port: number, option: string): OrderlabError {
  const code = 'code' in thrown ? String(thrown.code) : thrown.message;
  if (code === 'EADDRINUSE') return new OrderlabError('PORT_IN_USE', { port, host: '127.0.0.1', option });
  return new OrderlabError('USAGE', { problem: `${option} is a port that may be listened on, got ${port} (${code})` });
}

function loopbackInterface(): string {
  const isLoopback = ([, addresses = []]: [string, { readonly address: string }[] | undefined]): boolean =>
    addresses.some(({ address }) => address === '127.0.0.1');
  return Object.entries(networkInterfaces()).find(isLoopback)?.[0] ?? 'lo';
}

async function launch(jars: string, data: string, options: StandaloneOptions): Promise<void> {
  const files = filesIn(data);
  mkdirSync(files.configurationFolder, { recursive: true });
  writeFileSync(files.configuration, standaloneConfiguration(options, loopbackInterface(), options.settings));
  writeFileSync(files.logConfiguration, LOG_CONFIGURATION);
  const log = openSync(files.log, 'a');
  /** Detached, it outlives this command, and a Ctrl-C meant for somebody else. */
  const detached = options.attached !== true;
  const child = spawn('java', javaArguments(jars, data), { cwd: data, detached, stdio: ['ignore', log, log] });
  closeSync(log);
  const pid = await pidOf(child);
  let exit: string | null = null;
  child.once('exit', (code, signal) => {
    exit = `java ended with ${code ?? signal}`;
  });
  child.unref();
  const { brokerPort, httpPort } = options;
  writeInstance(data, { pid, brokerPort, httpPort });
  try {
    await healthy({ pid, data, options, exited: () => exit });
  } catch (thrown) {
    await end(pid, data);
    forgetInstance(data);
    throw thrown;
  }
}

async function pidOf(child: ChildProcess): Promise<number> {
  await new Promise<void>((done, refuse) => {
    child.once('spawn', done);
    child.once('error', (thrown) => refuse('code' in thrown && thrown.code === 'ENOENT' ? javaMissing() : thrown));
  });
  return child.pid ?? 0;
}

function javaMissing(): OrderlabError {
  const remedy =
    'install Java 17 or newer (`apt-get install openjdk-17-jre-headless`), or use a broker that runs already';
  return new OrderlabError('TOOL_MISSING', { tool: 'java', purpose: 'run Pulsar', remedy });
}

interface Starting {
  readonly pid: number;
  readonly data: string;
  readonly options: StandaloneOptions;
  /** Why it is gone; null while it runs. */
  readonly exited: () => string | null;
}

async function healthy({ data, options, exited }: Starting): Promise<void> {
  const startedAtMs = performance.now();
  let saidAtMs = startedAtMs;
  while (!(await isHealthy(options, options.token))) {
    options.signal?.throwIfAborted();
    const waitedMs = performance.now() - startedAtMs;
    const cause = exited() ?? (waitedMs > HEALTH_DEADLINE_MS ? `not healthy within ${HEALTH_DEADLINE_MS} ms` : null);
    if (cause !== null) {
      const { log } = filesIn(data);
      throw new OrderlabError('STANDALONE_FAILED', { action: 'start', cause: `${cause}\n${lastLines(log)}\n`, log });
    }
    if (performance.now() - saidAtMs > PROGRESS_INTERVAL_MS) {
      saidAtMs = performance.now();
      options.say(`Pulsar is starting: ${Math.round(waitedMs / 1000)} s`);
    }
    await pause(HEALTH_POLL_MS);
  }
  options.signal?.throwIfAborted();
}

async function isHealthy(ports: StandalonePorts, token: string | null = null): Promise<boolean> {
  try {
    return await new PulsarAdmin({ url: addressesOf(ports).admin, token, deadlineMs: HEALTH_CALL_MS }).isHealthy();
  } catch (thrown) {
    if (thrown instanceof OrderlabError) return false;
    throw thrown;
  }
}

async function end(pid: number, data: string, way: 'anyhow' | 'in-order' = 'anyhow'): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await goneWithin(pid, data, STOP_DEADLINE_MS)) return;
  signal(pid, 'SIGKILL');
  await gone(pid, data);
  if (way === 'anyhow') return;
  const cause = `process ${pid} had not ended ${STOP_DEADLINE_MS} ms after it was asked to, and was killed`;
  throw new OrderlabError('STANDALONE_FAILED', { action: 'stop in order', cause, log: filesIn(data).log });
}

/** After a SIGKILL. */
async function gone(pid: number, data: string): Promise<void> {
  if (await goneWithin(pid, data, KILL_DEADLINE_MS)) return;
  const cause = `process ${pid} outlived SIGKILL by ${KILL_DEADLINE_MS} ms`;
  throw new OrderlabError('STANDALONE_FAILED', { action: 'stop', cause, log: filesIn(data).log });
}

/** It may have gone in the meantime. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
  }
}

function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
