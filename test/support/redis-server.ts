/**
 * A real Redis for tests: the one at ORDERLAB_REDIS_URL, or one of our own on a loopback port, with a folder of its own,
 * stopped by its pid. Without either the tests are skipped by name; ORDERLAB_REQUIRE=redis makes that a failure.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { invariant } from '../../shared/model/invariant';

const GIVEN_URL = process.env.ORDERLAB_REDIS_URL;
const HAS_BINARY = spawnSync('redis-server', ['--version']).status === 0;
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('redis');
const HOW_TO_GET_IT = 'apt-get install redis-server, or set ORDERLAB_REDIS_URL';
const START_DEADLINE_MS = 10_000;

export interface RedisServer {
  readonly url: string;
}

/** A server that the test may do anything to. */
export interface OwnRedisServer extends RedisServer {
  readonly port: number;
  /** kill -9, nothing is saved. */
  kill(): Promise<void>;
  /** Starts again on the same port and folder, after a kill. */
  start(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections are accepted by the kernel, and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

/** Begins the key prefix of every store that a test opens. */
export const TEST_PREFIX = `orderlab:test-${process.pid}`;

/** Registers tests over whatever Redis there is; `server` is for use inside the tests. */
export function describeRedis(name: string, register: (server: () => RedisServer) => void): void {
  const url = GIVEN_URL;
  if (url === undefined) {
    describeOwnRedis(name, [], register);
    return;
  }
  describe(`Redis: ${name}`, () => {
    afterAll(() => withRedis(url, eraseTestKeys));
    register(() => ({ url }));
  });
}

/** Registers tests over a server of their own, started with these settings once for all of them. */
export function describeOwnRedis(
  name: string,
  settings: readonly string[],
  register: (server: () => OwnRedisServer) => void,
): void {
  if (!HAS_BINARY) {
    describeMissing(name);
    return;
  }
  describe(`Redis: ${name}`, () => {
    let server: OwnRedisServer | null = null;
    beforeAll(async () => {
      server = await startRedis(settings);
    });
    afterAll(() => server?.stop());
    register(() => {
      invariant(server !== null, 'the server is started before the tests');
      return server;
    });
  });
}

/** Works on a server as an operator would. */
export async function withRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function eraseTestKeys(redis: Redis): Promise<void> {
  const keys = await redis.keys(`${TEST_PREFIX}-*`);
  if (keys.length > 0) await redis.unlink(keys);
}

function describeMissing(name: string): void {
  const title = `Redis: ${name} (there is no redis-server: ${HOW_TO_GET_IT})`;
  if (IS_REQUIRED) {
    it(title, () => {
      throw new Error(`ORDERLAB_REQUIRE names redis: ${HOW_TO_GET_IT}`);
    });
  } else it.skip(title, () => {});
}

/** Starts a server of our own. `settings` go to its command line. */
export async function startRedis(settings: readonly string[]): Promise<OwnRedisServer> {
  const port = await freePort();
  const server = new Server(port, mkdtempSync(join(tmpdir(), 'orderlab-redis-')), settings);
  try {
    await server.start();
    return server;
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

class Server implements OwnRedisServer {
  readonly url: string;
  private child: ChildProcess | null = null;

  constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  async start(): Promise<void> {
    const base = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    this.child = spawn('redis-server', [...base, ...this.settings], { stdio: 'ignore' });
    await this.answers();
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === null) return;
    this.child = null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Resolves when it answers, data loaded. */
  private async answers(): Promise<void> {
    const redis = new Redis({ port: this.port, retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on('error', () => {});
    const late = setTimeout(() => redis.disconnect(), START_DEADLINE_MS);
    try {
      await redis.ping();
    } catch (thrown) {
      /** To ask for a password is an answer. */
      if (!(thrown instanceof Error && thrown.message.startsWith('NOAUTH'))) throw thrown;
    } finally {
      clearTimeout(late);
      redis.disconnect();
    }
  }
}
