/** Tests that need a Redis, on a machine without one: skipped or failed as the option says, and never in silence. */
import { describeWithRedis, hasRedis, startRedis } from '../../lab/testing/testing';

/** Notes what is registered, and runs none of it. */
class NotingRunner {
  readonly titles: string[] = [];
  readonly works: (() => void)[] = [];

  describe(name: string): void {
    this.titles.push(`describe ${name}`);
  }

  readonly it = Object.assign((name: string, work: () => void) => this.#note('it', name, work), {
    skip: (name: string, work: () => void) => this.#note('skip', name, work),
  });

  #note(how: string, name: string, work: () => void): void {
    this.titles.push(`${how} ${name}`);
    this.works.push(work);
  }
}

const { PATH, ORDERLAB_REDIS_URL, ORDERLAB_REQUIRE } = process.env;

function withoutRedis(): void {
  process.env.PATH = '/nowhere';
  delete process.env.ORDERLAB_REDIS_URL;
  delete process.env.ORDERLAB_REQUIRE;
}

afterEach(() => {
  Object.assign(process.env, { PATH });
  for (const [name, value] of Object.entries({ ORDERLAB_REDIS_URL, ORDERLAB_REQUIRE })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const REASON = '(there is no redis-server: apt-get install redis-server, or set ORDERLAB_REDIS_URL)';

it('fails without one, with the way to get it', async () => {
  withoutRedis();
  const runner = new NotingRunner();
  describeWithRedis('my consumer', () => {}, { runner });
  expect(runner.titles).toEqual([`it my consumer ${REASON}`]);
  expect(runner.works[0]).toThrow(/redis-server is needed .* apt-get install redis-server/);
  expect(hasRedis()).toBe(false);
  await expect(startRedis()).rejects.toThrow('apt-get install redis-server');
});

it('is skipped where the test asks for that, and the title says why', () => {
  withoutRedis();
  const runner = new NotingRunner();
  describeWithRedis('my consumer', () => {}, { runner, whenMissing: 'skip' });
  expect(runner.titles).toEqual([`skip my consumer ${REASON}`]);
});

it('is not skipped where ORDERLAB_REQUIRE names redis', () => {
  withoutRedis();
  process.env.ORDERLAB_REQUIRE = 'pulsar,redis';
  const runner = new NotingRunner();
  describeWithRedis('my consumer', () => {}, { runner, whenMissing: 'skip' });
  expect(runner.titles).toEqual([`it my consumer ${REASON}`]);
});

it('is a group of tests where there is one', () => {
  withoutRedis();
  process.env.ORDERLAB_REDIS_URL = 'redis://127.0.0.1:1/0';
  const runner = new NotingRunner();
  describeWithRedis('my consumer', () => {}, { runner });
  expect(runner.titles).toEqual(['describe my consumer']);
});

it('asks for a runner where there are no globals', () => {
  expect(() => describeWithRedis('my consumer', () => {}, { runner: {} as never })).toThrow('give `runner`');
});
