/** What a stranger can send to the API, and how far that gets. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { readTokens } from '../../../lab/api/bearer-tokens';
import { depthOf } from '../../../lab/api/json-body';
import { printable, problemOf } from '../../../lab/api/problem';
import { OrderlabError } from '../../../shared/errors';
import { ApiBench, type ApiBenchOptions } from '../../support/api-bench';
import { until } from '../../support/until';

const ADA = { name: 'Ada', email: 'ada@example.org' };
const WRITER = 'writer-token-0123456789abcdef';
const READER = 'reader-token-0123456789abcdef';
const benches: ApiBench[] = [];

async function open(options: ApiBenchOptions = {}): Promise<ApiBench> {
  const bench = await ApiBench.open(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

/** What the server says to bytes that are written as they are, until it ends the connection. */
async function said(bench: ApiBench, bytes: string): Promise<string> {
  const { port } = new URL(bench.url);
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

describe('a body', () => {
  it.each([
    ['text that looks like JSON', JSON.stringify(ADA), 'text/plain', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a form', 'name=Ada', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['no JSON', '{"name":', 'application/json', 400, 'REQUEST_INVALID'],
    ['more than 16 KiB', JSON.stringify({ name: 'x'.repeat(17_000) }), 'application/json', 413, 'BODY_TOO_LARGE'],
    ['nested deeply', `{"name":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'application/json', 400, 'REQUEST_INVALID'],
    [
      'a key into the prototype',
      '{"name":"Ada","email":"a@b.c","__proto__":{"x":1}}',
      'application/json',
      400,
      'REQUEST_INVALID',
    ],
    ['a constructor', '{"constructor":{"prototype":{"x":1}}}', 'application/json', 400, 'REQUEST_INVALID'],
    ['a field that nobody knows', JSON.stringify({ ...ADA, admin: true }), 'application/json', 400, 'REQUEST_INVALID'],
    ['a list', '[]', 'application/json', 400, 'REQUEST_INVALID'],
    ['control characters', JSON.stringify({ ...ADA, name: '\u001b[2J' }), 'application/json', 400, 'REQUEST_INVALID'],
  ])('of %s is refused and nothing of it is kept', async (_, body, type, status, code) => {
    const bench = await open();
    const answer = await bench.post('/users/ada/create', body, { 'content-type': type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await bench.store.readAfter(0, 9)).toEqual([]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('that is nested deeply is refused for that, before anything walks through it', async () => {
    const bench = await open();
    const { body } = await bench.post('/users/ada/create', `{"name":${'['.repeat(9)}${']'.repeat(9)}}`);
    expect(body.detail).toContain('nests at most');
  });

  it('is measured for its depth outside of texts only', () => {
    expect(depthOf('{"a":"[[[[\\"[["}')).toBe(1);
    expect(depthOf('{"a":[{"b":[]}]}')).toBe(4);
  });

  it('that comes byte by byte is ended, and so are headers that never end', async () => {
    const bench = await open({ limits: { arrivalDeadlineMs: 300 } });
    const head = 'POST /users/ada/create HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const body = said(bench, `${head}content-length: 50\r\n\r\n{`);
    const headers = said(bench, head);
    expect(await body).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect(await headers).toMatch(/^(HTTP\/1.1 408 |$)/);
  });
});

describe('a path', () => {
  it.each([
    `/users/${'x'.repeat(65)}/create`,
    `/users/${'x'.repeat(5_000)}/create`,
    '/users/a%7Db/create',
    '/users/%7Bada%7D/create',
    '/users/%20/create',
    '/users/ü/create',
  ])('with a user that a hash tag or a log would misread is refused: %s', async (path) => {
    const bench = await open();
    expect(await bench.post(path, ADA)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });

  it('that nobody serves is 404, and a method that it does not take is 405 with the one that it does', async () => {
    const bench = await open();
    expect(await bench.get('/admin')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    expect(await bench.get('/metrics')).toMatchObject({ status: 404 });
    const other = await bench.get('/users/ada/create');
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await bench.post('/users/ada', {})).status).toBe(405);
  });

  it('gives nothing to pages of other sites', async () => {
    const bench = await open();
    const { headers } = await bench.get('/openapi.json', { origin: 'https://evil.example' });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a token', () => {
  const tokens = readTokens(`# who may what\nshop read,write ${WRITER}\n\nreport read ${READER}\n`);

  it('is needed: without one, or with one that nobody has, the answer is 401', async () => {
    const bench = await open({ tokens });
    for (const authorization of ['', 'Bearer', `Bearer ${WRITER}x`, `Basic ${WRITER}`]) {
      const answer = await bench.post('/users/ada/create', ADA, { authorization });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  });

  it('allows what its scopes say and no more', async () => {
    const bench = await open({ tokens });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await bench.post('/users/ada/create', ADA, as(WRITER))).status).toBe(202);
    expect(await bench.post('/users/ada/rename', { name: 'B' }, as(READER))).toMatchObject({
      status: 403,
      body: { scope: 'write' },
    });
    expect((await bench.get('/users/ada', as(READER))).status).toBe(404);
  });

  it('keeps the idempotency keys of one principal from those of another', async () => {
    const both = readTokens(`shop write ${WRITER}\nmall write ${READER}`);
    const bench = await open({ tokens: both });
    const asked = (token: string) =>
      bench.post('/users/ada/create', ADA, { authorization: `Bearer ${token}`, 'idempotency-key': 'same' });
    expect((await asked(WRITER)).status).toBe(202);
    /** Not the stored answer of the other, whose user it is. */
    expect(await asked(READER)).toMatchObject({ status: 409, body: { code: 'USER_EXISTS' } });
  });

  it.each([
    ['nobody', '# empty'],
    ['a scope that there is not', `shop admin ${WRITER}`],
    ['a token that can be guessed', 'shop write changeme'],
    ['a name that would read as another key', `a:b write ${WRITER}`],
  ])('file that names %s is refused, without the token in the message', (_, text) => {
    expect(() => readTokens(text)).toThrow(OrderlabError);
    expect(() => readTokens(text)).not.toThrow(WRITER);
  });
});

describe('a flood', () => {
  it('of one principal is refused with 429 and a time to wait', async () => {
    const bench = await open({ limits: { principalRateMax: 3 } });
    const answers = [];
    for (let index = 0; index < 6; index += 1) answers.push(await bench.get(`/users/u-${index}`));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(refused[0]?.body).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('on one user leaves the others alone', async () => {
    const bench = await open({ limits: { userRateMax: 2 } });
    const hot = await Promise.all(Array.from({ length: 8 }, () => bench.get('/users/hot')));
    expect(hot.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect((await bench.get('/users/cold')).status).toBe(404);
  });

  it('of commands that do not end is refused with 503, and those under way are answered', async () => {
    let letGo = (): void => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const bench = await open({ limits: { inFlightCountMax: 2 }, hold: () => gate });
    const held = [bench.post('/users/a/create', ADA), bench.post('/users/b/create', { ...ADA, email: 'b@b.org' })];
    let refused = await bench.get('/users/c');
    while (refused.status !== 503) refused = await bench.get('/users/c');
    expect(refused.body).toMatchObject({ code: 'OVERLOADED', outcome: 'definite' });
    letGo();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([202, 202]);
  });
});

describe('an event loop that is late', () => {
  it('sheds load with 503, which a health probe would not see', async () => {
    const bench = await open({ limits: { loopDelayMsMax: 1 } });
    await until('a request is refused', async () => {
      const endMs = performance.now() + 50;
      while (performance.now() < endMs);
      return (await bench.get('/users/ada')).body.code === 'OVERLOADED';
    });
  });
});

describe('an error', () => {
  it('of our own says nothing of itself, and stands in the log', async () => {
    const bench = await open({ hold: () => Promise.reject(new Error('password=secret')) });
    const { status, body } = await bench.post('/users/ada/create', ADA);
    expect([status, body.code, JSON.stringify(body).includes('secret')]).toEqual([500, 'INTERNAL', false]);
    expect(bench.logged).toHaveLength(1);
  });

  it('of the world keeps the addresses of our servers to itself', () => {
    const facts = { url: 'redis://10.0.0.7:6379', cause: 'refused' };
    const problem = problemOf(new OrderlabError('STORE_UNREACHABLE', facts));
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7');
    expect(problem).toMatchObject({ status: 503, code: 'STORE_UNREACHABLE' });
  });

  it('holds no control character, so that it begins no line of a log and moves no cursor', () => {
    expect(printable('a\r\n{"level":60}\u001b[2J')).toBe('a??{"level":60}?[2J');
    expect(printable('x'.repeat(10_000))).toHaveLength(300);
  });
});
