/**
 * A group of tests that need a Redis, for any runner with `describe` and `it`: it is started before them and stopped after
 * them, and where there is none, an option says whether they are skipped or fail. Either way the title has the reason.
 */
import { OrderlabError } from '../../shared/errors';
import { hasRedis, REDIS_REMEDY, redisMissing, startRedis, type TestRedis } from './redis-server';

type Hook = (work: () => Promise<void>) => unknown;
type TestFunction = (name: string, work: () => void) => unknown;

/** What the group is written with: the globals of jest or vitest, or what a test imports. */
export interface Runner {
  describe(name: string, register: () => void): unknown;
  readonly it: TestFunction & { readonly skip: TestFunction };
  /** Of jest and vitest. */
  readonly beforeAll?: Hook;
  readonly afterAll?: Hook;
  /** Of node:test, in their place. */
  readonly before?: Hook;
  readonly after?: Hook;
}

export interface RedisSuiteOptions {
  /**
   * What becomes of the tests without a redis-server and without ORDERLAB_REDIS_URL. Default: fail. Where ORDERLAB_REQUIRE
   * names redis, as on a CI server, they fail in any case.
   */
  readonly whenMissing?: 'fail' | 'skip';
  /** Default: the globals. Elsewhere `require('node:test')`, or vitest's module. */
  readonly runner?: Runner;
}

/** `redis` is for use inside the tests; `REDIS_URL` holds its address meanwhile. Errors: USAGE where there is no runner. */
export function describeWithRedis(
  name: string,
  register: (redis: () => TestRedis) => void,
  { whenMissing = 'fail', runner = globalThis as unknown as Runner }: RedisSuiteOptions = {},
): void {
  if (typeof runner.describe !== 'function') {
    const problem = "there are no globals describe and it: give `runner`, such as require('node:test')";
    throw new OrderlabError('USAGE', { problem });
  }
  if (hasRedis()) runner.describe(name, () => registerOn(runner, register));
  else if (whenMissing === 'skip' && !isRequired()) runner.it.skip(titleWithout(name), () => {});
  else {
    runner.it(titleWithout(name), () => {
      throw redisMissing();
    });
  }
}

function registerOn(runner: Runner, register: (redis: () => TestRedis) => void): void {
  let redis: TestRedis | null = null;
  (runner.beforeAll ?? runner.before)?.(async () => {
    redis = await startRedis();
    process.env.REDIS_URL = redis.url;
  });
  (runner.afterAll ?? runner.after)?.(async () => {
    delete process.env.REDIS_URL;
    await redis?.stop();
  });
  register(() => {
    if (redis !== null) return redis;
    throw new OrderlabError('USAGE', { problem: 'the Redis is there inside the tests, not where they are declared' });
  });
}

function titleWithout(name: string): string {
  return `${name} (there is no redis-server: ${REDIS_REMEDY})`;
}

function isRequired(): boolean {
  return (process.env.ORDERLAB_REQUIRE ?? '').split(',').includes('redis');
}
