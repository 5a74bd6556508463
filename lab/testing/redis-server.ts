/**
 * A Redis for tests: the one at ORDERLAB_REDIS_URL, in a database that must be empty, or a `redis-server` of the test's
 * own on a free loopback port, which writes nothing to disk. No stand-in: what a script or a MULTI does is Redis's own.
 */
import { spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { OrderlabError } from '../../shared/errors';
import { RedisStandalone } from '../redis-standalone';

export interface TestRedis {
  /** For the consumer under test. */
  readonly url: string;
  /** For the test itself. */
  readonly client: Redis;
  /** Removes everything; give it to `reset`. */
  empty(): Promise<void>;
  /** Every key that has a time to live goes, as if that time had passed; give it to `meanwhile`. */
  expireKeys(): Promise<void>;
  /** Empties a given database, ends a server of its own. Idempotent. */
  stop(): Promise<void>;
}

const RECONNECT_PAUSE_MS = 20;
const URL_VARIABLE = 'ORDERLAB_REDIS_URL';
export const REDIS_REMEDY = `apt-get install redis-server, or set ${URL_VARIABLE}`;

/** Whether `startRedis` would find one. */
export function hasRedis(): boolean {
  return givenUrl() !== null || spawnSync('redis-server', ['--version'], { env: process.env }).status === 0;
}

/** Rejects with TOOL_MISSING when there is none, and with STORE_UNFIT when the given database holds something. */
export async function startRedis(): Promise<TestRedis> {
  const given = givenUrl();
  if (given !== null) return openGiven(given);
  if (!hasRedis()) throw redisMissing();
  return startOwn();
}

export function redisMissing(): OrderlabError {
  const purpose = 'hold what the consumers write';
  return new OrderlabError('TOOL_MISSING', { tool: 'redis-server', purpose, remedy: REDIS_REMEDY });
}

function givenUrl(): string | null {
  const { [URL_VARIABLE]: url = '' } = process.env;
  return url === '' ? null : url;
}

async function openGiven(url: string): Promise<TestRedis> {
  const client = new Redis(url);
  const keyCount = await client.dbsize();
  if (keyCount > 0) {
    client.disconnect();
    const problem = `its database holds ${keyCount} keys, and a test empties it: name an empty one, redis://HOST:PORT/NUMBER`;
    throw new OrderlabError('STORE_UNFIT', { url, problem });
  }
  return testRedis(url, client, async () => {
    await client.flushdb();
    client.disconnect();
  });
}

async function startOwn(): Promise<TestRedis> {
  const server = await RedisStandalone.open([]);
  const client = new Redis(server.url, { retryStrategy: () => RECONNECT_PAUSE_MS, maxRetriesPerRequest: null });
  client.on('error', () => {});
  return testRedis(server.url, client, async () => {
    client.disconnect();
    await server.stop();
  });
}

function testRedis(url: string, client: Redis, stop: () => Promise<void>): TestRedis {
  let stopping: Promise<void> | null = null;
  return {
    url,
    client,
    empty: async () => {
      await client.flushdb();
    },
    expireKeys: () => expireKeys(client),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function expireKeys(client: Redis): Promise<void> {
  for (const key of await client.keys('*')) if ((await client.pttl(key)) >= 0) await client.unlink(key);
}
