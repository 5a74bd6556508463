/**
 * A redis-server on this machine that its owner may do anything to: loopback only, with a folder that goes when it goes.
 *
 * Whoever started it ends it, and so does the end of this process. One that a run is made on is a process group of its
 * own, so that a Ctrl-C which brings the run to its end in order does not take the store away under it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OrderlabError } from '../shared/errors';
import { invariant } from '../shared/model/invariant';
import { freePort } from './free-port';

/** From the start to the first answer, data loaded: a few ms for a small store. */
const START_DEADLINE_MS = 10_000;
const START_POLL_MS = 5;
/** Each waits 100 ms longer than the one before. */
const FOLDER_TRIES_MAX = 3;
const LOG_FOLDER = 'appendonlydir';
/** Settings under which everything acknowledged is in the append-only log, which grows by appending only. */
const LOG_SETTINGS = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'];

export type AppendFsync = 'always' | 'everysec';

export class RedisStandalone {
  private child: ChildProcess | null = null;
  /** Whoever ends the command at once waits for nothing: neither the server nor its folder is left. */
  private readonly endWithUs = (): void => {
    this.child?.kill('SIGKILL');
    this.removeFolder();
  };

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
    private readonly isDetached: boolean,
  ) {
    process.once('exit', this.endWithUs);
  }

  /** Starts one on a free port; `settings` go to its command line. Errors: TOOL_MISSING, STORE_SERVER_FAILED. */
  static async open(settings: readonly string[], isDetached = false): Promise<RedisStandalone> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'orderlab-redis-'));
    const server = new RedisStandalone(port, folder, settings, isDetached);
    try {
      await server.start();
      return server;
    } catch (thrown) {
      await server.stop();
      throw thrown;
    }
  }

  /** One for a run, with an append-only log, so that it can be started again from a part of it. */
  static openLogged(appendFsync: AppendFsync): Promise<RedisStandalone> {
    return RedisStandalone.open([...LOG_SETTINGS, '--appendfsync', appendFsync], true);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same port and folder. `more` settings overrule the others. */
  async start(more: readonly string[] = []): Promise<void> {
    invariant(this.child === null, 'it does not run already');
    const base = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    const child = spawn('redis-server', [...base, ...this.settings, ...more], {
      stdio: 'ignore',
      detached: this.isDetached,
    });
    let problem: OrderlabError | null = null;
    child.once('error', (thrown) => {
      problem = missing(thrown);
    });
    child.once('exit', (code, signal) => {
      problem ??= failed('start', `it ended with ${code ?? signal}`);
    });
    this.child = child;
    await this.answers(() => problem);
  }

  /** SIGKILL: what the kernel has of its log stays, and nothing else does. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Of a server that is down: cuts its append-only log to a share of its bytes; 0 removes it, 1 leaves it. */
  keepLog(share: number): void {
    invariant(this.child === null, 'the log of a server that is down is cut');
    if (share === 1) return;
    const folder = join(this.folder, LOG_FOLDER);
    if (share === 0) rmSync(folder, { recursive: true, force: true });
    else for (const path of incrementsIn(folder)) truncateSync(path, Math.floor(statSync(path).size * share));
  }

  /** SIGSTOP and SIGCONT: connections are accepted by the kernel, and nobody answers. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Ends it and removes its folder. Idempotent. */
  async stop(): Promise<void> {
    this.thaw();
    await this.end('SIGTERM');
    process.off('exit', this.endWithUs);
    this.removeFolder();
  }

  /** It may still be written to by a server that has just been killed. */
  private removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: FOLDER_TRIES_MAX });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  private async answers(problem: () => OrderlabError | null): Promise<void> {
    const lastLook = performance.now() + START_DEADLINE_MS;
    while (!(await isServing(this.port))) {
      const thrown = problem();
      if (thrown !== null) throw thrown;
      if (performance.now() > lastLook) throw failed('start', `no answer within ${START_DEADLINE_MS} ms`);
      await pause(START_POLL_MS);
    }
  }
}

function missing(thrown: Error): OrderlabError {
  if (!('code' in thrown && thrown.code === 'ENOENT')) return failed('start', thrown.message);
  const remedy = 'install it (`apt-get install redis-server`)';
  return new OrderlabError('TOOL_MISSING', { tool: 'redis-server', purpose: 'run a store that may be killed', remedy });
}

function failed(action: string, cause: string): OrderlabError {
  return new OrderlabError('STORE_SERVER_FAILED', { action, cause });
}

function incrementsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.incr.aof'))
    .map((name) => join(folder, name));
}

/** It answers, and its data is loaded. To ask for a password is an answer. */
async function isServing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    const [reply] = await once(socket, 'data');
    return /^(\+PONG|-NOAUTH)/.test(String(reply));
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
