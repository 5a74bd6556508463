/**
 * A real Redis for tests: the one at ORDERLAB_REDIS_URL, or one of our own on a loopback port, with a folder of its own,
 * stopped by its pid. Without either the tests are skipped by name; ORDERLAB_REQUIRE=redis makes that a failure.
 */
import { spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { RedisStandalone } from '../../lab/redis-standalone';
import { invariant } from '../../shared/model/invariant';

const GIVEN_URL = process.env.ORDERLAB_REDIS_URL;
const HAS_BINARY = spawnSync('redis-server', ['--version']).status === 0;
const IS_REQUIRED = (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('redis');
const HOW_TO_GET_IT = 'apt-get install redis-server, or set ORDERLAB_REDIS_URL';

export interface RedisServer {
  readonly url: string;
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
  register: (server: () => RedisStandalone) => void,
): void {
  if (!HAS_BINARY) {
    describeMissing(name);
    return;
  }
  describe(`Redis: ${name}`, () => {
    let server: RedisStandalone | null = null;
    beforeAll(async () => {
      server = await RedisStandalone.open(settings);
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
