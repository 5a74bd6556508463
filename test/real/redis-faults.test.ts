/** What can happen between a caller and a real Redis, and what the store then says about it. */

import { benchPlan } from '../../lab/bench-plan';
import type { RedisStandalone } from '../../lab/redis-standalone';
import { onBreakableStore } from '../../lab/store-faults';
import { TcpProxy } from '../../lab/tcp-proxy';
import type { StoreAnswer, StoreOperation } from '../../shared/model/action';
import { ALWAYS } from '../../shared/scenarios/defaults';
import { apply, claim, credited, handler, USER } from '../contract/store-samples';
import { openTestStore, type TestStore } from '../support/redis-bench';
import { describeOwnRedis, withRedis } from '../support/redis-server';

const DEADLINE_MS = 300;

/** Sequences of the effects that the history received, in its order. */
const sequencesOf = ({ journalled }: TestStore) =>
  journalled.flatMap((body) => (body.type === 'effect' ? [body.sequence] : []));

const next = (sequence: number) => apply(credited(sequence), { guard: 'next' });
const unguarded = (sequence: number) => apply(credited(sequence));

/** The answer, or the error's code and outcome. */
async function told(store: TestStore['store'], operation: StoreOperation): Promise<StoreAnswer | object> {
  return store.execute(operation).catch(({ code, outcome }: { code: string; outcome: string }) => ({ code, outcome }));
}

/** As a caller that does the same idempotent call again until it hears an answer. */
async function insist(store: TestStore['store'], operation: StoreOperation): Promise<StoreAnswer> {
  for (;;) {
    try {
      return await store.execute(operation);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

async function balanceOf({ store }: TestStore): Promise<number> {
  for await (const body of store.dump()) if (body.type === 'user' && body.user === USER) return body.fields.balance;
  return 0;
}

describeOwnRedis('the fault of a plan', [], (server) => {
  it.each([
    ['applied', next(1)],
    ['absent', claim('e1')],
    ['noted', handler('begin-handler', 'c1#1')],
  ] as const)('loses the reply that says %s, once, and what it told of has taken place', async (outcome, operation) => {
    const faults = [{ kind: 'store-reply-lost', when: ALWAYS, outcome, times: 1 }] as const;
    const place = { storeUrl: server().url, brokerUrl: 'embedded:', adminUrl: null, namespace: 'n', keyPrefix: 'p' };
    const plan = { ...benchPlan(100), faults };
    await onBreakableStore(place, plan, async ({ storeUrl }, storeFaults) => {
      const bench = await openTestStore(storeUrl, { commandDeadlineMs: DEADLINE_MS });
      try {
        await storeFaults?.strike(faults[0]);
        expect(await told(bench.store, operation)).toEqual({ code: 'STORE_CONNECTION_LOST', outcome: 'unknown' });
        await insist(bench.store, { name: 'check-marker', user: USER, eventId: 'e1' });
        expect(await told(bench.store, operation)).not.toHaveProperty('code');
      } finally {
        await bench.store.close();
      }
    });
  });
});

describeOwnRedis('a reply that never comes', [], (server) => {
  let proxy: TcpProxy;
  let bench: TestStore;
  beforeEach(async () => {
    proxy = await TcpProxy.open({ host: '127.0.0.1', port: server().port });
    bench = await openTestStore(`redis://127.0.0.1:${proxy.port}`, { commandDeadlineMs: DEADLINE_MS });
    await bench.store.execute(unguarded(1));
  });
  afterEach(async () => {
    await bench.store.close();
    await proxy.close();
  });

  it.each([
    ['cut', 'STORE_CONNECTION_LOST'],
    ['swallow', 'DEADLINE_EXCEEDED'],
  ] as const)('%s: leaves the outcome unknown, and nothing is sent again behind the caller', async (fate, code) => {
    proxy.afterReplies(0, fate);
    expect(await told(bench.store, unguarded(2))).toEqual({ code, outcome: 'unknown' });
    proxy.afterReplies(0, 'pass');
    await insist(bench.store, { name: 'check-marker', user: USER, eventId: 'e1' });
    expect(await balanceOf(bench)).toBe(2);
  });

  it('fails every call under way, each with an unknown outcome', async () => {
    proxy.afterReplies(0, 'cut');
    const all = await Promise.all([2, 3, 4].map((sequence) => told(bench.store, unguarded(sequence))));
    expect(all).toEqual(all.map(() => ({ code: 'STORE_CONNECTION_LOST', outcome: 'unknown' })));
  });

  it('does not keep a claim from being known: the caller that asks again hears that it is there', async () => {
    proxy.afterReplies(0, 'cut');
    expect(await told(bench.store, claim('e9'))).toMatchObject({ outcome: 'unknown' });
    proxy.afterReplies(0, 'pass');
    expect(await insist(bench.store, claim('e9'))).toEqual({ outcome: 'present' });
  });

  it('is in the history before the answer to the second try, and before what came after it', async () => {
    proxy.afterReplies(0, 'cut');
    await told(bench.store, next(2));
    proxy.afterReplies(0, 'pass');
    const answer = insist(bench.store, next(2)).then((heard) => ({ heard, recorded: sequencesOf(bench) }));
    expect(await answer).toMatchObject({ heard: { outcome: 'duplicate' }, recorded: [1, 2] });
    await bench.store.execute(next(3));
    expect(sequencesOf(bench)).toEqual([1, 2, 3]);
  });

  it('is in the history before a later effect, when nobody asks again', async () => {
    proxy.afterReplies(0, 'cut');
    await told(bench.store, next(2));
    proxy.afterReplies(0, 'pass');
    await insist(bench.store, next(3));
    await Promise.all([next(4), next(5)].map((operation) => bench.store.execute(operation)));
    expect(sequencesOf(bench)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is brought to the history by settling, once, and nothing is recorded after that', async () => {
    proxy.afterReplies(0, 'cut');
    await told(bench.store, next(2));
    proxy.afterReplies(0, 'pass');
    await insist(bench.store, { ...handler('begin-handler', 'c1#1'), user: 'grace' });
    expect(sequencesOf(bench)).toEqual([1]);
    await bench.store.settle();
    await bench.store.settle();
    expect(sequencesOf(bench)).toEqual([1, 2]);
    await bench.store.execute(next(3));
    expect(sequencesOf(bench)).toEqual([1, 2]);
  });

  it('is heard when it comes too late for its caller', async () => {
    server().freeze();
    const late = told(bench.store, next(2));
    expect(await late).toEqual({ code: 'DEADLINE_EXCEEDED', outcome: 'unknown' });
    server().thaw();
    expect(await insist(bench.store, next(2))).toMatchObject({ outcome: 'duplicate' });
    expect(sequencesOf(bench)).toEqual([1, 2]);
  });
});

describeOwnRedis('a server that refuses', [], (server) => {
  let bench: TestStore;
  beforeEach(async () => {
    bench = await openTestStore(server().url);
    await bench.store.execute(apply(credited(1), { setsMarker: true }));
  });
  afterEach(() => bench.store.close());

  const everything = () =>
    withRedis(server().url, async (redis) => {
      const keys = (await redis.keys(`${bench.keyPrefix}:*`)).sort();
      return Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)]));
    });

  it.each(['m', 'a', 'k'])('a key %s of another type ends the call before its first write', async (kind) => {
    const suffix = kind === 'k' ? ':e2' : '';
    await withRedis(server().url, async (redis) => {
      const key = `${bench.keyPrefix}:${kind}:{${USER}}${suffix}`;
      await redis.del(key);
      await redis.zadd(key, 1, 'other');
    });
    const before = await everything();
    const call = apply(credited(2), { setsMarker: true });
    expect(await told(bench.store, call)).toEqual({ code: 'STORE_DATA_INVALID', outcome: 'definite' });
    expect(await everything()).toEqual(before);
  });

  it.each(['sequence', 'chain', 'balance'])(
    'a %s that is no number ends the call before its first write',
    async (field) => {
      await withRedis(server().url, (redis) => redis.hset(`${bench.keyPrefix}:m:{${USER}}`, field, 'many'));
      const before = await everything();
      expect(await told(bench.store, unguarded(2))).toEqual({ code: 'STORE_DATA_INVALID', outcome: 'definite' });
      expect(await everything()).toEqual(before);
    },
  );

  it.each([
    ['out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'without its replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
  ])('%s: the refusal is definite, nothing has changed, and it passes', async (_name, begin, end) => {
    const admin = ([command = '', ...args]: readonly string[]) =>
      withRedis(server().url, (redis) => redis.call(command, ...args));
    await admin(begin);
    const before = await everything();
    expect(await told(bench.store, unguarded(2))).toEqual({ code: 'STORE_REFUSED', outcome: 'definite' });
    expect(await everything()).toEqual(before);
    await admin(end);
    expect(await told(bench.store, unguarded(2))).toMatchObject({ outcome: 'applied' });
  });

  it('without the script: it is sent again, whoever calls', async () => {
    await withRedis(server().url, (redis) => redis.script('FLUSH'));
    const answers = await Promise.all([2, 3, 4, 5].map((sequence) => told(bench.store, next(sequence))));
    expect(answers).toEqual(answers.map(() => expect.objectContaining({ outcome: 'applied' })));
    expect(sequencesOf(bench)).toEqual([1, 2, 3, 4, 5]);
  });
});

describeOwnRedis('a restart', ['--appendonly', 'yes', '--appendfsync', 'always'], (server) => {
  it('keeps every answered effect, and callers come back by themselves', async () => {
    const bench = await openTestStore(server().url, { commandDeadlineMs: DEADLINE_MS });
    for (const sequence of [1, 2, 3]) await bench.store.execute(next(sequence));
    await server().kill();
    expect(await definiteRefusal(bench)).toEqual({ code: 'STORE_UNREACHABLE', outcome: 'definite' });
    await server().start();
    expect(await insist(bench.store, next(3))).toMatchObject({ outcome: 'duplicate' });
    expect(await insist(bench.store, next(4))).toMatchObject({ outcome: 'applied' });
    expect(sequencesOf(bench)).toEqual([1, 2, 3, 4]);
    await bench.store.close();
  });
});

describeOwnRedis('calls that nobody waits for', [], (server) => {
  it('take place in the order in which they were made, on a server that has lost the script too', async () => {
    const proxy = await TcpProxy.open({ host: '127.0.0.1', port: server().port });
    const bench = await openTestStore(`redis://127.0.0.1:${proxy.port}`, { commandDeadlineMs: 2_000 });
    await restartEmpty(server());
    /** Many calls are under way before the first of them is known to have found no script. */
    proxy.replyDelayMs = 5;
    /** Refused until the connection stands, in mid-stream. */
    const answers: Promise<unknown>[] = [];
    for (let count = 0; bench.journalled.length < 300; count += 1) {
      const user = `user-${count}`;
      for (const operation of [handler('begin-handler', 'c1#1'), next(1), handler('end-handler', 'c1#1')]) {
        answers.push(told(bench.store, ofUser(operation, user)));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await Promise.all(answers);
    const inOrder = ['begin', 'effect', 'end'];
    for (const user of new Set(bench.journalled.map((body) => body.user))) {
      const types = bench.journalled.filter((body) => body.user === user).map(({ type }) => type);
      expect(types).toEqual(inOrder.filter((type) => types.includes(type as never)));
    }
    await bench.store.close();
    await proxy.close();
  });
});

describeOwnRedis('a restart without persistence', [], (server) => {
  it('reads as a gap at the next event: half a user is never built on', async () => {
    const bench = await openTestStore(server().url, { commandDeadlineMs: DEADLINE_MS });
    for (const sequence of [1, 2, 3]) await bench.store.execute(next(sequence));
    await restartEmpty(server());
    expect(await insist(bench.store, next(4))).toMatchObject({ outcome: 'gap', version: 0 });
    for (const sequence of [1, 2, 3, 4]) await bench.store.execute(next(sequence));
    /** What was lost had happened; the second life of the store is recorded after the first. */
    expect(sequencesOf(bench)).toEqual([1, 2, 3, 1, 2, 3, 4]);
    await bench.store.close();
  });
});

function ofUser(operation: StoreOperation, user: string): StoreOperation {
  return operation.name === 'apply' ? { ...operation, event: { ...operation.event, user } } : { ...operation, user };
}

async function restartEmpty(server: RedisStandalone): Promise<void> {
  await server.kill();
  await server.start();
}

/** The first call after a kill may still be on its way: that one is unknown. */
async function definiteRefusal({ store }: TestStore): Promise<object> {
  for (;;) {
    const refusal = await told(store, { name: 'check-marker', user: USER, eventId: 'e1' });
    if ('code' in refusal && refusal.code === 'STORE_UNREACHABLE') return refusal;
  }
}
