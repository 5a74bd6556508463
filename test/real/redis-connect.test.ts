/** Opening a store: what cannot work is said within the deadline, in a sentence that says what to do. */
import { createServer } from 'node:net';
import { OrderlabError } from '../../shared/errors';
import { openTestStore } from '../support/redis-bench';
import { describeOwnRedis, withRedis } from '../support/redis-server';

const DEADLINE_MS = 500;

async function refusal(url: string): Promise<OrderlabError> {
  try {
    const { store } = await openTestStore(url, { connectDeadlineMs: DEADLINE_MS });
    await store.close();
  } catch (thrown) {
    if (thrown instanceof OrderlabError) return thrown;
    throw thrown;
  }
  throw new Error(`${url} could be opened`);
}

describeOwnRedis('opening a store', ['--requirepass', 'secret'], (server) => {
  const withPassword = (password: string) => `redis://default:${password}@127.0.0.1:${server().port}`;

  it('with user and password, in a database of its own', async () => {
    const { store } = await openTestStore(`${withPassword('secret')}/3`);
    await store.execute({ name: 'claim-marker', user: 'ada', eventId: 'e1', sequence: 1, ttlMs: null });
    const sizeOf = (database: number) => withRedis(`${withPassword('secret')}/${database}`, (redis) => redis.dbsize());
    /** The idempotency key and the sentinel. */
    expect([await sizeOf(0), await sizeOf(3)]).toEqual([0, 2]);
    await store.close();
  });

  it.each([
    ['where nobody listens', () => 'redis://127.0.0.1:1', 'STORE_UNREACHABLE', /ECONNREFUSED.*Start one with/],
    ['at a name that is none', () => 'redis://nowhere.invalid', 'STORE_UNREACHABLE', /nowhere\.invalid/],
    ['without the password', () => server().url, 'STORE_REFUSED', /NOAUTH.*redis:\/\/USER:PASSWORD@/],
    ['with a wrong password', () => withPassword('wrong'), 'STORE_REFUSED', /WRONGPASS.*are wrong/],
    ['at an address that is none', () => 'redis://', 'USAGE', /redis:\/\/\[USER:PASSWORD@\]HOST/],
    ['at another kind of address', () => 'http://127.0.0.1', 'USAGE', /redis:\/\//],
  ])('%s is refused definitely', async (_where, url, code, sentence) => {
    const error = await refusal(url());
    expect(error).toMatchObject({ code, outcome: 'definite' });
    expect(error.message).toMatch(sentence);
  });

  it('as a user who may not run scripts is refused with what the user lacks', async () => {
    const rules = ['on', '>pass', '~orderlab:*', '+@all', '-eval'];
    await withRedis(withPassword('secret'), (redis) => redis.acl('SETUSER', 'reader', ...rules));
    const error = await refusal(`redis://reader:pass@127.0.0.1:${server().port}`);
    expect(error).toMatchObject({ code: 'STORE_REFUSED', outcome: 'definite' });
    expect(error.message).toMatch(/NOPERM.*needs EVAL/);
  });

  it('as a user of the store’s own keys, without SCRIPT, CONFIG and the like, gives all that it does', async () => {
    const rules = ['on', '>pass', '~orderlab:*', '-@all', '+@read', '+@write', '+eval', '+evalsha', '+info', '+time'];
    await withRedis(withPassword('secret'), (redis) => redis.acl('SETUSER', 'app', ...rules));
    const { store } = await openTestStore(`redis://app:pass@127.0.0.1:${server().port}`);
    await store.execute({ name: 'begin-handler', user: 'ada', owner: 'c1#1' });
    for await (const body of store.dump()) expect(body).toBeNull();
    await store.erase();
    await store.close();
  });

  it('tells no password to anyone', async () => {
    expect((await refusal(withPassword('wrong'))).message).not.toContain('wrong@');
    expect((await refusal('redis://u:secret@h:1/x')).message).not.toContain('secret');
  });

  it('at a server that accepts and says nothing ends at the deadline', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await refusal(`redis://127.0.0.1:${port}`);
    expect(error.message).toContain(`did not answer within ${DEADLINE_MS} ms`);
    silent.close();
  });

  it.each(['allkeys-lru', 'volatile-ttl'])('at a server that may drop keys (%s) is refused', async (policy) => {
    await withRedis(withPassword('secret'), (redis) => redis.config('SET', 'maxmemory', '100mb'));
    await withRedis(withPassword('secret'), (redis) => redis.config('SET', 'maxmemory-policy', policy));
    expect(await refusal(withPassword('secret'))).toMatchObject({ code: 'STORE_UNFIT', outcome: 'definite' });
    await withRedis(withPassword('secret'), (redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'));
    const { store } = await openTestStore(withPassword('secret'));
    await store.close();
  });

  it('under a key prefix that a pattern could misread is refused', async () => {
    const opening = openTestStore(withPassword('secret'), { keyPrefix: 'a{b}*' });
    await expect(opening).rejects.toMatchObject({ code: 'USAGE' });
  });
});
