/** The Redis of the kit: where it comes from, what is in it, and that nothing of it stays. */
import { Redis } from 'ioredis';
import { RedisStandalone } from '../../lab/redis-standalone';
import { describeWithRedis, startRedis } from '../../lab/testing/testing';
import { withRedis } from '../support/redis-server';

const { ORDERLAB_REDIS_URL } = process.env;

function giving(url: string | undefined): void {
  if (url === undefined) delete process.env.ORDERLAB_REDIS_URL;
  else process.env.ORDERLAB_REDIS_URL = url;
}

afterEach(() => giving(ORDERLAB_REDIS_URL));

/** Given or of its own: a group of tests has one, under the name that consumers read. */
describeWithRedis(
  'Redis: a group of tests',
  (redis) => {
    const consumer = () => new Redis(process.env.REDIS_URL ?? '');

    it('has a clean database, the one that a consumer finds', async () => {
      expect(await redis().client.dbsize()).toBe(0);
      const own = consumer();
      await own.set('user:1', 'x');
      own.disconnect();
      expect(await redis().client.get('user:1')).toBe('x');
    });

    it('empties it when asked, and lets time pass for what expires', async () => {
      const { client } = redis();
      await client.set('for-ever', 'x');
      await client.set('for-an-hour', 'x', 'EX', 3600);
      await redis().expireKeys();
      expect(await client.keys('for-*')).toEqual(['for-ever']);
      await redis().empty();
      expect(await client.dbsize()).toBe(0);
    });
  },
  { whenMissing: 'skip' },
);

describeWithRedis(
  'Redis: a test',
  () => {
    let server: RedisStandalone;
    beforeAll(async () => {
      server = await RedisStandalone.open([]);
    });
    afterAll(() => server.stop());

    it('that starts its own ends it: nothing listens there afterwards', async () => {
      giving(undefined);
      const own = await startRedis();
      expect(await own.client.ping()).toBe('PONG');
      await own.stop();
      const late = new Redis(own.url, { lazyConnect: true, retryStrategy: () => null });
      late.on('error', () => {});
      await expect(late.connect()).rejects.toThrow();
    });

    it('that is given one leaves it empty', async () => {
      giving(`${server.url}/3`);
      const given = await startRedis();
      await given.client.set('user:1', 'x');
      await given.stop();
      expect(await withRedis(`${server.url}/3`, (redis) => redis.dbsize())).toBe(0);
    });

    it('that is given one with something in it touches nothing', async () => {
      await withRedis(`${server.url}/4`, (redis) => redis.set('dear', 'x'));
      giving(`${server.url}/4`);
      await expect(startRedis()).rejects.toThrow('its database holds 1 keys');
      expect(await withRedis(`${server.url}/4`, (redis) => redis.get('dear'))).toBe('x');
    });
  },
  { whenMissing: 'skip' },
);
