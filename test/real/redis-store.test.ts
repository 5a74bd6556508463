/** The store on Redis is the store: the contract, and the same answers, journal and data as the embedded one. */
import fc from 'fast-check';
import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import { systemClock } from '../../shared/adapters/system-clock';
import type { StoreOperation } from '../../shared/model/action';
import type { EffBody, MarkerBody, QuarantineBody, StateBody } from '../../shared/model/history';
import type { Store } from '../../shared/ports';
import { describeStore } from '../contract/store-contract';
import { apply, credited } from '../contract/store-samples';
import { openTestStore, passMs } from '../support/redis-bench';
import { describeOwnRedis, describeRedis, type RedisServer, withRedis } from '../support/redis-server';
import { storeOperation } from '../support/store-arbitrary';

const COMMAND_COUNT_MIN = 20_000;

describeRedis('the contract', (server) => describeContract(server));

/** One node with all slots: a script whose keys lie in different slots would be refused. */
describeOwnRedis('a cluster', ['--cluster-enabled', 'yes'], (server) => {
  it('finds all keys of an operation in one slot, whatever the ids of user and event', async () => {
    await withRedis(server().url, async (redis) => {
      await redis.cluster('ADDSLOTSRANGE', 0, 16_383);
      while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await redis.ping();
    });
    const { store } = await openTestStore(server().url);
    for (const operation of fc.sample(storeOperation, 500)) await store.execute(operation);
    await store.close();
  });
});

/** A database that others fill: what the store reads of it is its own records, page by page. */
describeOwnRedis('among the keys of others', [], (server) => {
  const FOREIGN_COUNT = 50_000;
  const USER_COUNT = 20;
  const PAGE_SIZE = 1_000;

  it(`finds its own records among ${FOREIGN_COUNT} keys, and reads none of the others`, async () => {
    const { store } = await openTestStore(server().url);
    for (let user = 1; user <= USER_COUNT; user += 1) {
      await store.execute(apply({ ...credited(1), user: `u-${user}` }, { setsMarker: true }));
    }
    const counted = await withRedis(server().url, async (redis) => {
      for (let from = 0; from < FOREIGN_COUNT; from += PAGE_SIZE) {
        await redis.mset(Array.from({ length: PAGE_SIZE }, (_, index) => [`other:${from + index}`, 'x']).flat());
      }
      await redis.config('RESETSTAT');
      const bodies = await bodiesOf(store);
      return { types: bodies.map(({ type }) => type), stats: await redis.info('commandstats') };
    });
    const callsOf = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(counted.stats)?.[1]);
    expect(counted.types.filter((type) => type === 'user')).toHaveLength(USER_COUNT);
    expect(counted.types.filter((type) => type === 'marker')).toHaveLength(USER_COUNT);
    expect(callsOf('hgetall')).toBe(2 * USER_COUNT);
    expect(callsOf('get')).toBe(USER_COUNT);
    /** Once for states and once for keys; a page may come a little short. */
    expect(callsOf('scan')).toBeLessThanOrEqual((2.5 * FOREIGN_COUNT) / PAGE_SIZE);
    await store.close();
  });
});

describeRedis('random commands', (server) => {
  it(`are answered, journalled and kept as by the embedded store, ${COMMAND_COUNT_MIN} of them`, () =>
    compareRandomly(server, COMMAND_COUNT_MIN));
});

function describeContract(server: () => RedisServer): void {
  describeStore(
    'on Redis',
    async () => {
      const { store, keyPrefix, journalled } = await openTestStore(server().url);
      return {
        store,
        journal: async () => journalled,
        passMs: (ms) => passMs(server().url, keyPrefix, ms),
      };
    },
    { journals: true, expiry: 'coarse' },
  );
}

/** Batches: the operations of one are under way together. A failure prints seed, path and the smallest batches. */
async function compareRandomly(server: () => RedisServer, commandCountMin: number): Promise<void> {
  let commandCount = 0;
  const batches = fc.array(fc.array(storeOperation, { minLength: 1, maxLength: 32 }), { maxLength: 16, size: 'max' });
  while (commandCount < commandCountMin) {
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        commandCount += all.flat().length;
        await compare(server().url, all);
      }),
      { numRuns: 20 },
    );
  }
}

async function compare(url: string, batches: readonly (readonly StoreOperation[])[]): Promise<void> {
  const journal: EffBody[] = [];
  const record = (body: { readonly stream: string }) => void (body.stream === 'Eff' && journal.push(body as EffBody));
  const embedded = openEmbeddedStore({ clock: systemClock, journal: { record } });
  const { store, journalled } = await openTestStore(url);
  try {
    for (const batch of batches) {
      const answers = (of: Store) => Promise.all(batch.map((operation) => of.execute(operation)));
      expect(await answers(store)).toEqual(await answers(embedded));
    }
    expect(journalled).toEqual(journal);
    const kept: EffBody[] = [];
    for await (const { body } of store.effects()) kept.push(body);
    expect(byUser(kept)).toEqual(byUser(journal));
    expect(byUser(await bodiesOf(store))).toEqual(byUser(await bodiesOf(embedded)));
  } finally {
    await store.erase();
    await store.close();
  }
}

type Dumped = StateBody | QuarantineBody | MarkerBody;

/** Keys in the order of their ids, and of their times only whether there is one: two clocks differ. */
async function bodiesOf(store: Store): Promise<readonly Dumped[]> {
  const bodies: Dumped[] = [];
  for await (const body of store.dump()) bodies.push(body);
  const markers = bodies.filter((body) => body.type === 'marker');
  return [
    ...bodies.filter((body) => body.type !== 'marker'),
    ...markers
      .map((body) => ({ ...body, expiresAtMs: body.expiresAtMs === null ? null : 1 }))
      .sort((left, right) => (left.eventId < right.eventId ? -1 : 1)),
  ];
}

function byUser<Body extends { readonly user: string }>(bodies: readonly Body[]): ReadonlyMap<string, readonly Body[]> {
  const users = [...new Set(bodies.map(({ user }) => user))].sort();
  return new Map(users.map((user) => [user, bodies.filter((body) => body.user === user)]));
}
