/** The HTTP API of the user service: what a client sends, and what it hears. */
import { OrderlabError } from '../../../shared/errors';
import { ApiBench, type ApiBenchOptions } from '../../support/api-bench';

const ADA = { name: 'Ada', email: 'ada@example.org' };
const benches: ApiBench[] = [];

async function open(options: ApiBenchOptions = {}): Promise<ApiBench> {
  const bench = await ApiBench.open(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

describe('a command', () => {
  it('is answered 202 when its event is committed, with event, version and the place of its status', async () => {
    const bench = await open();
    const { status, headers, body } = await bench.post('/users/ada/create', ADA);
    expect(status).toBe(202);
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe('/users/ada/versions/1');
    const [entry] = await bench.store.readAfter(0, 9);
    expect(body).toEqual({
      ...{ user: 'ada', sequence: 1, replayed: false },
      status: '/users/ada/versions/1',
      eventId: entry?.event.id,
    });
    expect(entry?.event).toMatchObject({ type: 'UserCreated', user: 'ada', data: ADA });
  });

  it('is every kind of change that there is', async () => {
    const bench = await open();
    await bench.post('/users/ada/create', ADA);
    await bench.post('/users/ada/rename', { name: 'Countess' });
    await bench.post('/users/ada/change-email', { email: 'countess@example.org' });
    await bench.post('/users/ada/credit', { amount: 3 });
    await bench.post('/users/ada/debit', { amount: 1 });
    expect((await bench.post('/users/ada/delete', {})).body).toMatchObject({ sequence: 6 });
    expect((await bench.store.readAfter(0, 9)).map(({ event }) => event.type)).toEqual([
      ...['UserCreated', 'UserRenamed', 'UserEmailChanged', 'UserCredited', 'UserDebited', 'UserDeleted'],
    ]);
    expect(await bench.post('/users/ada/credit', { amount: 4 })).toMatchObject({
      status: 410,
      body: { code: 'USER_DELETED' },
    });
  });

  it('on a user that exists is refused with 409 and the event that won', async () => {
    const bench = await open();
    const { body } = await bench.post('/users/ada/create', ADA);
    const second = await bench.post(
      '/users/ada/create',
      { name: 'Eve', email: 'eve@example.org' },
      { 'idempotency-key': 'k2' },
    );
    expect(second).toMatchObject({
      status: 409,
      body: { code: 'USER_EXISTS', winner: body.eventId, outcome: 'definite' },
    });
    expect(second.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  it('for an e-mail of another user is refused with 409 and the user who has it', async () => {
    const bench = await open();
    await bench.post('/users/ada/create', ADA);
    const second = await bench.post('/users/eve/create', { ...ADA, email: 'ADA@example.org' });
    expect(second).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN', winner: 'ada' } });
  });

  it('on nobody is refused with 404', async () => {
    const bench = await open();
    expect(await bench.post('/users/ada/credit', { amount: 1 })).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    });
  });

  it('that expects another version is refused with 412 and the version that stands', async () => {
    const bench = await open();
    await bench.post('/users/ada/create', ADA);
    const stale = await bench.post('/users/ada/rename', { name: 'B' }, { 'if-match': '"7"' });
    expect(stale).toMatchObject({ status: 412, body: { code: 'VERSION_MISMATCH', version: 1 } });
    expect((await bench.post('/users/ada/rename', { name: 'B' }, { 'if-match': '"1"' })).status).toBe(202);
  });

  it('at an instance that does not act for the user is refused with 421 and the owner, and is asked there', async () => {
    const hold = () => Promise.reject(new OrderlabError('NOT_OWNER', { user: 'ada', owner: 'w2' }));
    const bench = await open({ hold });
    const { status, body } = await bench.post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' });
    expect([status, body]).toMatchObject([421, { code: 'NOT_OWNER', owner: 'w2', outcome: 'definite' }]);
  });

  it('waits for the read model where it is asked to, and is accepted whether or not that comes', async () => {
    const bench = await open();
    const early = await bench.post('/users/ada/create', ADA, { prefer: 'wait=0' });
    expect([early.status, early.headers.get('preference-applied')]).toEqual([202, null]);
    bench.show('ada', 2);
    const late = await bench.post('/users/ada/rename', { name: 'B' }, { prefer: 'respond-async, wait=5' });
    expect([late.status, late.headers.get('preference-applied')]).toEqual([202, 'wait']);
  });
});

describe('an idempotency key', () => {
  it('is required: without one, or with one that cannot be, the command is refused with 400', async () => {
    const bench = await open();
    for (const key of ['', 'with space', 'x'.repeat(256)]) {
      const { status, body } = await bench.post('/users/ada/create', ADA, { 'idempotency-key': key });
      expect([status, body.code]).toEqual([400, 'REQUEST_KEY_MISSING']);
    }
    expect(await bench.store.readAfter(0, 9)).toEqual([]);
  });

  it('brings the first answer again, at whatever instance and however the body is written', async () => {
    const first = await open();
    const second = await open({ store: first.store });
    const key = { 'idempotency-key': 'k1' };
    const { body } = await first.post('/users/ada/create', ADA, key);
    await first.post('/users/ada/rename', { name: 'Countess' });
    const again = await second.post('/users/ada/create', '{"email":"ada@example.org" , "name":"Ada"}', key);
    expect(again).toMatchObject({ status: 202, body: { ...body, replayed: true } });
    expect(await first.store.readAfter(0, 9)).toHaveLength(2);
  });

  it('a hundred times at once leads to one event, and one answer for all', async () => {
    const first = await open();
    const second = await open({ store: first.store });
    await first.post('/users/ada/create', ADA);
    const asked = Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? first : second).post('/users/ada/credit', { amount: 5 }, { 'idempotency-key': 'k9' }),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.eventId)}`)).size).toBe(1);
    expect(await first.store.readAfter(0, 9)).toHaveLength(2);
  });

  it('with another body is refused with 422', async () => {
    const bench = await open();
    await bench.post('/users/ada/create', ADA, { 'idempotency-key': 'k1' });
    const other = await bench.post('/users/ada/create', { ...ADA, name: 'Eve' }, { 'idempotency-key': 'k1' });
    expect(other).toMatchObject({ status: 422, body: { code: 'REQUEST_KEY_REUSED' } });
  });
});

describe('a read', () => {
  it('gives the user with its version as ETag, and 304 to who has it', async () => {
    const bench = await open();
    bench.show('ada', 3);
    const { status, headers, body } = await bench.get('/users/ada');
    expect([status, headers.get('etag')]).toEqual([200, '"3"']);
    expect(body).toEqual({
      user: 'ada',
      version: 3,
      name: 'ada',
      email: 'ada@example.org',
      balance: 0,
      deleted: false,
    });
    expect((await bench.get('/users/ada', { 'if-none-match': '"3"' })).status).toBe(304);
  });

  it('of a version waits until it is there', async () => {
    const bench = await open();
    const reading = bench.get('/users/ada?min-version=2');
    bench.show('ada', 2);
    expect(await reading).toMatchObject({ status: 200, body: { version: 2 } });
  });

  it('of a version that does not come is refused with 409 after as long as the client is willing to wait', async () => {
    const bench = await open();
    const late = await bench.get('/users/ada?min-version=2', { prefer: 'wait=0' });
    expect(late).toMatchObject({ status: 409, body: { code: 'READ_BEHIND', version: 2, deadlineMs: 0 } });
  });

  it('of nobody is 404, and the status of a version says pending or visible', async () => {
    const bench = await open();
    expect((await bench.get('/users/ada')).status).toBe(404);
    expect((await bench.get('/users/ada/versions/1')).body).toEqual({
      user: 'ada',
      sequence: 1,
      state: 'pending',
      version: 0,
    });
    bench.show('ada', 4);
    expect((await bench.get('/users/ada/versions/1')).body).toMatchObject({ state: 'visible', version: 4 });
  });
});

describe('the description', () => {
  it('names every path with every status that a client may see, and every code behind it', async () => {
    const bench = await open();
    const { body } = await bench.get('/openapi.json');
    const paths = body.paths as Record<
      string,
      Record<string, { readonly responses: Record<string, { readonly description: string }> }>
    >;
    expect(Object.keys(paths)).toEqual([
      ...['create', 'rename', 'change-email', 'credit', 'debit', 'delete'].map((type) => `/users/{user}/${type}`),
      ...['/users/{user}', '/users/{user}/versions/{version}'],
    ]);
    expect(Object.keys(paths['/users/{user}/create']?.post?.responses ?? {})).toEqual([
      '202',
      '400',
      '401',
      '403',
      '404',
      '405',
      '409',
      '410',
      '412',
      '413',
      '415',
      '421',
      '422',
      '429',
      '503',
      '504',
    ]);
  });

  it('is a page for people as well, which loads nothing and runs nothing', async () => {
    const bench = await open();
    const page = await fetch(`${bench.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('POST /users/{user}/create');
  });
});
