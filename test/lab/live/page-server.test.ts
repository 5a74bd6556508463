/** The live page's server: for the person at this machine, and for nobody else. */
import { request } from 'node:http';
import { PAGE_BODY_BYTES_MAX, PAGE_COUNT_MAX } from '../../../lab/live/page-limits';
import { PageServer } from '../../../lab/live/page-server';
import type { PageSession } from '../../../lab/live/page-session';
import type { PageCommand } from '../../../lab/live/picture/page-state';
import { systemClock } from '../../../shared/adapters/system-clock';
import { OrderlabError } from '../../../shared/errors';

class NotedSession implements PageSession {
  readonly commands: PageCommand[] = [];
  openedCount = 0;
  failure: string | null = null;

  get state() {
    const { failure } = this;
    return { mode: 'live', phase: 'running', sides: [], consumers: [], failure } as const;
  }

  opened(): void {
    this.openedCount += 1;
  }

  command(command: PageCommand): void {
    if (command.command === 'again') throw new OrderlabError('HAND_REFUSED', { problem: 'not now' });
    this.commands.push(command);
  }

  async end(): Promise<void> {}
}

let session: NotedSession;
let page: PageServer;
let changed = (): void => {};
beforeEach(async () => {
  session = new NotedSession();
  const open = (told: () => void): PageSession => {
    changed = told;
    return session;
  };
  page = await PageServer.listen({ open, clock: systemClock, port: 0 });
});
afterEach(() => page.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As any program may ask, with every header as it likes. */
function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<Answer> {
  const { port } = new URL(page.url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    asked.on('error', reject).end(body);
  });
}

async function token(): Promise<string> {
  const { body } = await ask('GET', '/');
  return /name="orderlab-token" content="([^"]+)"/.exec(body)?.[1] ?? '';
}

/** What the page itself sends. */
async function own(): Promise<Record<string, string>> {
  return {
    ...{ 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
    origin: page.url.slice(0, -1),
  };
}

const KILL = JSON.stringify({ command: 'kill', consumer: 'c1' });

it('listens on the loopback address, and serves a page that loads nothing from elsewhere', async () => {
  expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  const { status, headers, body } = await ask('GET', '/');
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http|data:/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  expect(addresses).toEqual(['/icon.svg', '/uplot.css', '/page.css', '/uplot.js', '/page/main']);
  expect(body).not.toMatch(/<script>|style="|onclick/);
});

it.each(['/icon.svg', '/uplot.css', '/page.css', '/uplot.js'])('serves %s', async (path) => {
  expect((await ask('GET', path)).status).toBe(200);
});

it.each(['/page/../../../package.json', '/page/%2e%2e/main', '/page/nothing', '/package.json', '/page/main.js.map'])(
  'has nothing at %s',
  async (path) => expect((await ask('GET', path)).status).toBe(404),
);

it('gives every server a token of its own', async () => {
  const open = (): PageSession => session;
  const other = await PageServer.listen({ open, clock: systemClock, port: 0 });
  const text = await (await fetch(other.url)).text();
  await other.close();
  const first = await token();
  expect(first).toMatch(/^[\w-]{32}$/);
  expect(text).not.toContain(first);
});

describe('who asks', () => {
  const port = (): string => new URL(page.url).port;

  it.each(['127.0.0.1', 'localhost', '[::1]'])('may name the machine %s', async (name) => {
    expect((await ask('GET', '/', { host: `${name}:${port()}` })).status).toBe(200);
  });

  it.each([
    ['a name that was let point here', () => `attacker.example:${port()}`],
    ['another port', () => '127.0.0.1:1'],
    ['no port', () => 'localhost'],
    ['a name that begins like ours', () => `localhost.attacker.example:${port()}`],
    ['a name before an @', () => `localhost:${port()}@attacker.example`],
    ['our name before an @ of another', () => `attacker@127.0.0.1:${port()}`],
    ['a path', () => `127.0.0.1:${port()}/x`],
  ])('may not come by %s, not even to look', async (_, host) => {
    for (const path of ['/', '/states', '/page.css']) {
      const { status, body } = await ask('GET', path, { host: host() });
      expect([status, body]).toEqual([403, expect.stringContaining('FOREIGN_REQUEST')]);
    }
    expect(session.openedCount).toBe(0);
  });

  it('may change something only from the page itself', async () => {
    const headers = await own();
    expect((await ask('POST', '/commands', headers, KILL)).status).toBe(202);
    expect(session.commands).toEqual([{ command: 'kill', consumer: 'c1' }]);
  });

  it.each([
    ['without an origin', { origin: '' }, 403],
    ['from another site', { origin: 'https://attacker.example' }, 403],
    ['from a page without a site', { origin: 'null' }, 403],
    ['without a token', { authorization: '' }, 401],
    ['with another token', { authorization: 'Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 401],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as plain text', { 'content-type': 'text/plain' }, 415],
  ])('may change nothing %s', async (_, wrong, status) => {
    expect((await ask('POST', '/commands', { ...(await own()), ...wrong }, KILL)).status).toBe(status);
    expect(session.commands).toEqual([]);
  });

  it.each(['GET', 'PUT', 'DELETE'])('finds no command behind %s', async (method) => {
    expect((await ask(method, '/commands', await own(), KILL)).status).toBeGreaterThanOrEqual(400);
    expect(session.commands).toEqual([]);
  });
});

describe('a command', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an unknown word', '{"command":"explode"}'],
    ['a consumer that is missing', '{"command":"kill"}'],
    ['a consumer that is none', '{"command":"kill","consumer":"<b>"}'],
    ['a consumer where none belongs', '{"command":"add","consumer":"c1"}'],
    ['a key that reaches into prototypes', '{"command":"add","__proto__":{}}'],
  ])('is refused with %s', async (_, body) => {
    expect((await ask('POST', '/commands', await own(), body)).status).toBe(400);
    expect(session.commands).toEqual([]);
  });

  it('is refused when it is too long', async () => {
    const long = JSON.stringify({ command: 'kill', consumer: 'c'.repeat(PAGE_BODY_BYTES_MAX) });
    expect((await ask('POST', '/commands', await own(), long)).status).toBe(413);
  });

  it('is answered with the reason when it cannot be carried out now', async () => {
    const { status, body } = await ask('POST', '/commands', await own(), '{"command":"again"}');
    expect([status, JSON.parse(body)]).toEqual([
      409,
      expect.objectContaining({ code: 'HAND_REFUSED', detail: 'not now' }),
    ]);
  });
});

describe('who looks', () => {
  /** The states that came so far; ends when the test says so. */
  async function look() {
    const ending = new AbortController();
    const answer = await fetch(`${page.url}states`, { signal: ending.signal });
    const reader = answer.body?.getReader();
    let text = '';
    const next = async (): Promise<unknown> => {
      while (!text.includes('\n\n')) {
        const read = await reader?.read();
        if (read?.value === undefined) throw new Error('the server has ended it');
        text += new TextDecoder().decode(read.value);
      }
      const [message = '', ...rest] = text.split('\n\n');
      text = rest.join('\n\n');
      return JSON.parse(message.slice(message.indexOf('data: ') + 'data: '.length));
    };
    return { status: answer.status, type: answer.headers.get('content-type'), next, end: () => ending.abort() };
  }

  it('is told the state at once and again when it is another one', async () => {
    const looking = await look();
    expect(looking.type).toBe('text/event-stream; charset=utf-8');
    expect(await looking.next()).toMatchObject({ mode: 'live', failure: null });
    session.failure = 'broken';
    changed();
    expect(await looking.next()).toMatchObject({ failure: 'broken' });
    expect(session.openedCount).toBe(1);
    looking.end();
  });

  it('finds no room when too many look', async () => {
    const looking = await Promise.all(Array.from({ length: PAGE_COUNT_MAX }, () => look()));
    const late = await look();
    expect(late.status).toBe(503);
    for (const each of [...looking, late]) each.end();
  });

  it('is let go when the server ends', async () => {
    const looking = await look();
    await looking.next();
    await page.close();
    await expect(looking.next()).rejects.toThrow();
  });
});

it('says so when its port is taken', async () => {
  const port = Number(new URL(page.url).port);
  const second = PageServer.listen({ open: () => session, clock: systemClock, port });
  await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});
