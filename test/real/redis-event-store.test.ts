/** The event store on Redis is the event store: the contract, on a single server and on a node of a cluster. */
import { setTimeout as pause } from 'node:timers/promises';
import { RedisStandalone } from '../../lab/redis-standalone';
import { openRedisEventStore } from '../../shared/adapters/redis-event-store';
import { OUTBOX_COUNT_MAX, RELAY } from '../../shared/model/append';
import { creation, credit, describeEventStore } from '../contract/event-store-contract';
import { describeIncarnation } from '../contract/event-store-incarnation-contract';
import { describeOwnRedis, describeRedis, type RedisServer, TEST_PREFIX, withRedis } from '../support/redis-server';
import { until } from '../support/until';

let openedCount = 0;

async function openTestEventStore(server: RedisServer) {
  openedCount += 1;
  const keyPrefix = `${TEST_PREFIX}-events-${openedCount}`;
  const deadlines = { connectDeadlineMs: 5_000, commandDeadlineMs: 5_000 };
  return { keyPrefix, store: await openRedisEventStore({ url: server.url, keyPrefix, ...deadlines }) };
}

describeRedis('the event store', (server) => {
  describeEventStore('on Redis', async () => ({
    store: (await openTestEventStore(server())).store,
    passMs: (ms) => pause(ms),
  }));

  it('refuses when as much as may wait for the relay does', async () => {
    const { store, keyPrefix } = await openTestEventStore(server());
    /** The cursor stands so far back that the log seems that long. */
    await withRedis(server().url, (redis) => redis.hset(`${keyPrefix}:w:{w}:cursors`, RELAY, -OUTBOX_COUNT_MAX));
    expect(await store.append(creation('ada'))).toEqual({ outcome: 'outbox-full' });
    await store.moveCursor(RELAY, 0);
    expect(await store.append(creation('ada'))).toEqual({ outcome: 'appended', sequence: 1 });
    await store.close();
  });

  it('goes on when the server has forgotten the script', async () => {
    const { store } = await openTestEventStore(server());
    await withRedis(server().url, (redis) => redis.script('FLUSH'));
    expect(await store.append(creation('ada'))).toEqual({ outcome: 'appended', sequence: 1 });
    await store.close();
  });

  it.each(['log', 'heads', 'places', 'emails', 'cursors', 'r:k'])(
    'changes nothing when %s is not what it should be',
    async (key) => {
      const { store, keyPrefix } = await openTestEventStore(server());
      await withRedis(server().url, async (redis) => {
        await redis.set(`${keyPrefix}:w:{w}:${key}`, 'foreign');
        const request = { key: 'k', fingerprint: 'f', ttlMs: null };
        const error = { code: 'STORE_DATA_INVALID', outcome: 'definite' };
        await expect(store.append(creation('ada', { request }))).rejects.toMatchObject(error);
        expect(await redis.keys(`${keyPrefix}:*`)).toEqual([`${keyPrefix}:w:{w}:${key}`]);
      });
      await store.close();
    },
  );

  it.each(['owners', 'grants'])('grants nothing when %s is not what it should be', async (key) => {
    const { store, keyPrefix } = await openTestEventStore(server());
    await withRedis(server().url, async (redis) => {
      await redis.set(`${keyPrefix}:w:{w}:${key}`, 'foreign');
      const error = { code: 'STORE_DATA_INVALID', outcome: 'definite' };
      await expect(store.grantEpoch('s1', 'w1')).rejects.toMatchObject(error);
      expect(await redis.keys(`${keyPrefix}:*`)).toEqual([`${keyPrefix}:w:{w}:${key}`]);
      if (key === 'owners') {
        const authority = { shard: 's1', epoch: 1, isChecked: true };
        await expect(store.append(creation('ada', { authority }))).rejects.toMatchObject(error);
        await redis.del(`${keyPrefix}:w:{w}:${key}`);
        await redis.hset(`${keyPrefix}:w:{w}:${key}`, 's1', 'one w1');
        await expect(store.grantEpoch('s1', 'w1')).rejects.toMatchObject(error);
      }
    });
    await store.close();
  });

  it('removes what it wrote, and nothing else', async () => {
    const { store, keyPrefix } = await openTestEventStore(server());
    await store.append(creation('ada', { request: { key: 'k', fingerprint: 'f', ttlMs: null } }));
    await withRedis(server().url, async (redis) => {
      await redis.set(`${keyPrefix}:m:{ada}`, 'the read model');
      await store.erase();
      expect(await redis.keys(`${keyPrefix}:*`)).toEqual([`${keyPrefix}:m:{ada}`]);
    });
    await store.close();
  });
});

/** Killed and started again: another server process answers, with what is left of the log. */
describeOwnRedis('the event store that guards its incarnation', [], () => {
  describeIncarnation('on Redis', async () => {
    const server = await RedisStandalone.openLogged('always');
    const deadlines = { connectDeadlineMs: 5_000, commandDeadlineMs: 5_000 };
    const keyPrefix = `${TEST_PREFIX}-incarnation`;
    const store = await openRedisEventStore({ url: server.url, keyPrefix, guardsIncarnation: true, ...deadlines });
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      await server.stop();
    };
    const restart = async (keptShare: number) => {
      const before = await store.unseeded();
      await server.kill();
      server.keepLog(keptShare);
      await server.start();
      await until('the store notices', async () => ![null, before].includes(await store.unseeded()));
    };
    return { store, restart };
  });
});

/** One node with all slots: a script whose keys lie in different slots would be refused. */
describeOwnRedis('the event store on a cluster', ['--cluster-enabled', 'yes'], (server) => {
  it('finds all keys of an append in one slot, whatever user, e-mail and request are called', async () => {
    await withRedis(server().url, async (redis) => {
      await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
      while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await redis.ping();
    });
    const { store } = await openTestEventStore(server());
    const request = { key: '{x}:}{', fingerprint: 'f', ttlMs: null };
    expect(await store.append(creation('ada', { request, email: '{a}@b' }))).toMatchObject({ outcome: 'appended' });
    expect(await store.append(creation('bob', { email: '{c}@b' }))).toMatchObject({ outcome: 'appended' });
    expect(await store.read('ada', 1, 5)).toHaveLength(1);
    const authority = { shard: '{z}', epoch: await store.grantEpoch('{z}', 'w1'), isChecked: true };
    expect(await store.append(credit('ada', 1, { authority, request: { ...request, key: 'k2' } }))).toMatchObject({
      outcome: 'appended',
    });
    await store.moveCursor(RELAY, 1);
    expect(await store.hold(RELAY, 'w1', 1_000)).toBe(true);
    await store.close();
  });
});
