/** Appends that leave together do what the specification says of them one after the other. */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { APPEND_BATCH_COUNT_MAX } from '../../shared/adapters/redis-append-batch';
import { openRedisEventStore } from '../../shared/adapters/redis-event-store';
import { APPEND_GUARDS, type Append } from '../../shared/model/append';
import { SCHEMA_VERSION, type UserEvent } from '../../shared/model/event';
import { append, grantEpoch, openEventStoreState, streamHeads } from '../../shared/simulator/event-store';
import { describeOwnRedis, describeRedis, TEST_PREFIX, withRedis } from '../support/redis-server';

const SCRIPT_COUNT = 200;
const LOG_COUNT_MAX = 1_000;

const user = fc.constantFrom('ada', 'bob', 'a_b', '1');
const email = fc.constantFrom('One@x.org', 'one@x.org', 'two@x.org', '"sequence":9@ü.org');
const fact: fc.Arbitrary<Pick<UserEvent, 'type' | 'data'>> = fc.oneof(
  email.map((address) => ({ type: 'UserCreated', data: { name: '"sequence":7', email: address } }) as const),
  email.map((address) => ({ type: 'UserEmailChanged', data: { email: address } }) as const),
  fc.constant({ type: 'UserDeleted', data: {} } as const),
  fc.constant({ type: 'UserCredited', data: { amount: 1 } } as const),
);
const request = fc.option(
  fc.record({
    key: fc.constantFrom('k1', 'k2', 'k 3'),
    fingerprint: fc.constantFrom('f1', 'f2'),
    ttlMs: fc.constantFrom(null, 60_000),
  }),
);

const authority = fc.option(
  fc.record({ shard: fc.constantFrom('s1', 's 2'), epoch: fc.nat(2), isChecked: fc.boolean() }),
  { nil: undefined },
);

const asked: fc.Arbitrary<Append> = fc
  .record({
    ...{ user, fact, request },
    id: fc.constantFrom('e1', 'e2', 'e 3', 'e"4'),
    readVersion: fc.nat(4),
    guard: fc.constantFrom(...APPEND_GUARDS),
    uniqueEmail: fc.boolean(),
    ...{ authority, writer: fc.constantFrom('w1', 'w 2') },
  })
  .map(({ user: of, fact: what, id, readVersion, authority: shown, ...rest }) => ({
    event: {
      ...what,
      id,
      user: of,
      sequence: readVersion + 1,
      intendedAt: 5,
      schemaVersion: SCHEMA_VERSION,
    } as UserEvent,
    ...{ ...rest, readVersion, commandId: 'c 1' },
    ...(shown === undefined ? {} : { authority: shown }),
  }));

/** Turns: what is appended in one of them is appended at once. Before each of them a shard may be granted. */
const turns = fc.record({
  granted: fc.option(fc.record({ shard: fc.constantFrom('s1', 's 2'), owner: fc.constantFrom('w1', 'w 2') })),
  appends: fc.array(asked, { minLength: 1, maxLength: 6 }),
});
const script = fc.array(turns, { minLength: 1, maxLength: 6 });

const deadlines = { connectDeadlineMs: 5_000, commandDeadlineMs: 5_000 };

const keyPrefix = `${TEST_PREFIX}-batches`;

describeRedis('appends at once', (server) => {
  it(`are each decided and answered as one after the other, in ${SCRIPT_COUNT} scripts of batches`, async () => {
    const store = await openRedisEventStore({ url: server().url, keyPrefix, ...deadlines });
    const isAsSpecified = fc.asyncProperty(script, async (drawn) => {
      await store.erase();
      const state = openEventStoreState();
      for (const { granted, appends } of drawn) {
        if (granted !== null) {
          const epoch = grantEpoch(state, granted.shard, granted.owner);
          expect(await store.grantEpoch(granted.shard, granted.owner)).toBe(epoch);
        }
        const specified = appends.map((one) => append(state, one, 0));
        expect(await Promise.all(appends.map((one) => store.append(one)))).toEqual(specified);
      }
      expect(await store.grants()).toEqual(state.grants);
      expect(await store.readAfter(0, LOG_COUNT_MAX)).toEqual(state.log);
      const heads = new Map<string, number>();
      for await (const head of store.heads()) heads.set(head.user, head.sequence);
      expect(heads).toEqual(new Map(streamHeads(state).map((head) => [head.user, head.sequence])));
    });
    try {
      await fc.assert(isAsSpecified, { numRuns: SCRIPT_COUNT });
    } finally {
      await store.erase();
      await store.close();
    }
  });
});

/** Calls of scripts that the server has heard. */
async function callCount(redis: Redis): Promise<number> {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

/** Of its own, since it counts the calls of all clients. */
describeOwnRedis('appends at once, counted', [], (server) => {
  it('are as many calls as the batches that they fill, and none waits for the answer of another', async () => {
    const store = await openRedisEventStore({ url: server().url, keyPrefix, ...deadlines });
    await withRedis(server().url, async (redis) => {
      const before = await callCount(redis);
      const sampled = fc.sample(asked, { numRuns: 2 * APPEND_BATCH_COUNT_MAX + 1, seed: 1 });
      const alike = sampled.map(
        ({ authority: _authority, ...one }): Append => ({ ...one, guard: 'expected', request: null }),
      );
      await Promise.all(alike.map((one) => store.append(one)));
      expect((await callCount(redis)) - before).toBe(3);
    });
    await store.erase();
    await store.close();
  });

  it('leave in calls of their own where guard or life of the record differ, or an epoch is checked', async () => {
    const store = await openRedisEventStore({ url: server().url, keyPrefix, ...deadlines });
    await withRedis(server().url, async (redis) => {
      const before = await callCount(redis);
      const [one] = fc.sample(asked, 1);
      const of = (guard: Append['guard'], ttlMs: number, shown: Pick<Append, 'authority'> = {}): Append[] => {
        if (one === undefined) return [];
        const { authority: _, ...rest } = one;
        return [{ ...rest, ...shown, guard, request: { key: `${guard}${ttlMs}`, fingerprint: 'f', ttlMs } }];
      };
      const appends = [of('blind', 5_000), of('blind', 5_000), of('unguarded', 5_000), of('unguarded', 6_000)].flat();
      await Promise.all(appends.map((append) => store.append(append)));
      expect((await callCount(redis)) - before).toBe(3);
      const shown = (shard: string) => ({ authority: { shard, epoch: 1, isChecked: true } });
      const fenced = [of('blind', 7_000), of('blind', 7_000, shown('s1')), of('blind', 7_000, shown('s2'))].flat();
      await Promise.all(fenced.map((append) => store.append(append)));
      expect((await callCount(redis)) - before).toBe(5);
    });
    await store.erase();
    await store.close();
  });
});
