/** A store on a real Redis that is killed and comes back with all, with a part, or with nothing of what it acknowledged. */
import { type AppendFsync, RedisStandalone } from '../../lab/redis-standalone';
import { describeStoreRestart } from '../contract/store-restart-contract';
import { apply, credited } from '../contract/store-samples';
import { openTestStore } from '../support/redis-bench';
import { describeOwnRedis, withRedis } from '../support/redis-server';
import { until } from '../support/until';

describeOwnRedis('killed and started again', [], () => {
  describe.each<AppendFsync>(['always', 'everysec'])('with appendfsync %s', (appendFsync) => {
    describeStoreRestart('on Redis', async () => {
      const server = await RedisStandalone.openLogged(appendFsync);
      const { store, journalled } = await openTestStore(server.url);
      return {
        store,
        restart: async (keptShare: number) => {
          const { generation } = store;
          await server.kill();
          server.keepLog(keptShare);
          await server.start();
          await until('the store notices', () => store.generation > generation);
        },
        journal: async () => {
          await store.settle();
          return journalled;
        },
        close: async () => {
          await store.close();
          await server.stop();
        },
      };
    });
  });
});

describeOwnRedis('emptied and filled again by another client', [], (server) => {
  it('is not taken for what it was: the journal has its old length, and other entries', async () => {
    const { store, keyPrefix, journalled } = await openTestStore(server().url);
    const { store: other } = await openTestStore(server().url, { keyPrefix, journal: null });
    const next = (sequence: number) => apply(credited(sequence), { guard: 'next' });
    for (const sequence of [1, 2, 3]) await store.execute(next(sequence));
    await server().kill();
    await server().start();
    await until('both notice', () => store.generation === 2 && other.generation === 2);
    for (const sequence of [1, 2, 3]) await other.execute({ ...next(sequence), owner: 'c2#1' });
    expect(await store.execute(next(4))).toMatchObject({ outcome: 'applied', version: 3 });
    const said = journalled.map((body) => (body.type === 'effect' ? `${body.owner} ${body.sequence}` : body.type));
    expect(said.slice(0, 4)).toEqual(['c1#1 1', 'c1#1 2', 'c1#1 3', 'rollback']);
    expect(said.slice(4)).toEqual(['c2#1 1', 'c2#1 2', 'c2#1 3', 'c1#1 4']);
    await other.close();
    await store.close();
  });
});

describeOwnRedis('the incarnation of a store', [], (server) => {
  const reconnected = async (url: string) => {
    await withRedis(url, (redis) => redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  };

  it('is told apart from its connections: each that came back is counted, and the first is not', async () => {
    let reconnectCount = 0;
    const onReconnect = (): void => {
      reconnectCount += 1;
    };
    const { store } = await openTestStore(server().url, { onReconnect });
    expect(reconnectCount).toBe(0);
    for (const count of [1, 2]) {
      await reconnected(server().url);
      await until('it stands again', () => reconnectCount === count);
    }
    expect(store.generation).toBe(1);
    await store.close();
  });

  it('stays when only the connection broke', async () => {
    const { store } = await openTestStore(server().url);
    await store.execute(apply(credited(1)));
    await reconnected(server().url);
    await until('the store answers', async () => {
      const answer = await store.execute(apply(credited(1), { guard: 'next' })).catch(() => null);
      return answer?.outcome === 'duplicate';
    });
    expect(store.generation).toBe(1);
    await store.close();
  });

  it('changes when everything was flushed under it, for who plants the sentinel and for who only looks', async () => {
    const { store, keyPrefix } = await openTestStore(server().url);
    const { store: onlooker } = await openTestStore(server().url, { keyPrefix, plantsSentinel: false });
    await withRedis(server().url, (redis) => redis.flushall());
    await reconnected(server().url);
    await until('both notice', () => store.generation === 2 && onlooker.generation === 2);
    await reconnected(server().url);
    await until('both answer', async () => {
      const answers = [store, onlooker].map((each) => each.execute(apply(credited(1), { guard: 'next' })));
      return (await Promise.allSettled(answers)).every(({ status }) => status === 'fulfilled');
    });
    expect([store.generation, onlooker.generation]).toEqual([2, 2]);
    await onlooker.close();
    await store.erase();
    await store.close();
  });

  it('leaves no trace of who only looks', async () => {
    const { store, keyPrefix } = await openTestStore(server().url, { plantsSentinel: false });
    for await (const body of store.dump()) expect(body).toBeNull();
    await store.close();
    expect(await withRedis(server().url, (redis) => redis.keys(`${keyPrefix}*`))).toEqual([]);
  });
});
