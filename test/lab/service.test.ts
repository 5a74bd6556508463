/** The user service as it runs for good: every part of it in this process, over the embedded parts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openService, type Service } from '../../lab/service';
import { makeToken, type ServiceFlags, tokensOf } from '../../lab/service-options';
import { answerOf } from '../support/api-bench';
import { useFolder } from '../support/folder';

const TOKEN = 'shop-token-0123456789abcdef';
const QUIET = { say: () => {} };
const folder = useFolder();
let service: Service | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

function flags(choice: Partial<ServiceFlags> = {}): ServiceFlags {
  return {
    ...{ host: '127.0.0.1', port: 0, broker: 'embedded:', store: 'embedded:', namespace: 'public/default' },
    ...{ keyPrefix: 'orderlab:users', topic: 'users', subscription: 'projector', name: 'w1', insecureLab: true },
    ...choice,
  };
}

const post = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  answerOf(
    await fetch(`${service?.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': path, ...headers },
      body: JSON.stringify(body),
    }),
  );
const get = async (path: string) => answerOf(await fetch(`${service?.url}${path}`));

describe('a user service', () => {
  it('takes a command, publishes its event, projects it and reads it back', async () => {
    service = await openService('user-service', flags(), QUIET);
    const created = await post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' }, { prefer: 'wait=10' });
    expect([created.status, created.headers.get('preference-applied')]).toEqual([202, 'wait']);
    await post('/users/ada/credit', { amount: 7 });
    expect(await get('/users/ada?min-version=2')).toMatchObject({ status: 200, body: { version: 2, balance: 7 } });
  });

  it('with shards acts for the users that it is asked for, as long as nobody else does', async () => {
    service = await openService('user-service', flags({ shards: 4 }), QUIET);
    const created = await post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' }, { prefer: 'wait=10' });
    expect(created.status).toBe(202);
    expect((await post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' })).status).toBe(202);
    const again = await post('/users/ada/create', { name: 'Eve', email: 'e@x.org' }, { 'idempotency-key': 'other' });
    expect(again).toMatchObject({ status: 409, body: { code: 'USER_EXISTS' } });
  });

  it('that is asked to end takes no more and has published what it accepted', async () => {
    service = await openService('user-service', flags(), QUIET);
    const { url } = service;
    const asked = Array.from({ length: 20 }, (_, index) =>
      post(`/users/u-${index}/create`, { name: 'U', email: `u-${index}@example.org` }),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(20).fill(202));
    await service.close();
    service = null;
    await expect(fetch(`${url}/users/u-1`)).rejects.toThrow();
  });

  it('in parts serves commands here and reads there', async () => {
    service = await openService('command-api', flags(), QUIET);
    expect((await post('/users/ada/create', { name: 'Ada', email: 'ada@example.org' })).status).toBe(202);
    expect((await get('/users/ada')).status).toBe(404);
    await service.close();
    service = await openService('query-api', flags(), QUIET);
    expect((await get('/users/ada')).body).toMatchObject({ code: 'USER_NOT_FOUND' });
    expect((await post('/users/ada/create', {})).status).toBe(404);
  });
});

describe('what a user service counts', () => {
  it('is shown on a loopback port of its own, and nowhere at the API; the same number of series for any users', async () => {
    const said: string[] = [];
    service = await openService('user-service', flags({ metricsPort: '0' }), { say: (line) => said.push(line) });
    const metricsUrl = said.join('').replace(/^metrics: (.*)\/metrics$/, '$1');
    expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const scraped = async (): Promise<string> => (await fetch(`${metricsUrl}/metrics`)).text();
    const seriesIn = (text: string): readonly string[] => text.split('\n').map((line) => line.replace(/ \S+$/, ''));
    const before = seriesIn(await scraped());
    for (const user of ['ada', 'bob', 'eve'])
      await post(`/users/${user}/create`, { name: user, email: `${user}@example.org` }, { prefer: 'wait=10' });
    const after = await scraped();
    expect(seriesIn(after)).toEqual(before);
    expect(after).toMatch(/^orderlab_effects_total\{[^}]*order="next"[^}]*\} 3$/m);
    const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
    expect(await Promise.all(['healthz', 'readyz'].map((path) => statusOf(`${metricsUrl}/${path}`)))).toEqual([
      200, 200,
    ]);
    expect(
      await Promise.all(['metrics', 'healthz', 'readyz'].map((path) => statusOf(`${service?.url}/${path}`))),
    ).toEqual([404, 404, 404]);
    expect(await statusOf(`${metricsUrl}/users/ada`)).toBe(404);
  });

  it('is shown to nobody unless a port is named', async () => {
    const said: string[] = [];
    service = await openService('user-service', flags(), { say: (line) => said.push(line) });
    expect(said).toEqual([]);
  });
});

describe('who may ask', () => {
  it('stands in a file, and never on a command line', () => {
    const tokenFile = join(folder(), 'tokens');
    writeFileSync(tokenFile, `shop read,write ${TOKEN}\n`);
    expect(tokensOf(flags({ tokenFile })).principalOf(`Bearer ${TOKEN}`)?.name).toBe('shop');
    expect(tokensOf(flags({ tokenFile })).principalOf(undefined)).toBeNull();
    expect(() => tokensOf(flags({ tokenFile: join(folder(), 'none') }))).toThrow('cannot read');
  });

  it('is who has the token that this instance made, which is another one each time', () => {
    const [freshToken, other] = [makeToken(), makeToken()];
    expect(tokensOf(flags({ freshToken })).principalOf(`Bearer ${freshToken}`)?.scopes).toEqual(['read', 'write']);
    expect(tokensOf(flags({ freshToken })).principalOf(`Bearer ${other}`)).toBeNull();
    expect(tokensOf(flags({ freshToken, insecureLab: true })).principalOf(undefined)).toBeNull();
  });

  it('is nobody unless it is said, and everybody only where nobody else comes', () => {
    expect(() => tokensOf({ host: '127.0.0.1' })).toThrow('--token-file');
    expect(() => tokensOf({ host: '0.0.0.0', insecureLab: true })).toThrow('loopback');
    expect(tokensOf({ host: '::1', insecureLab: true }).principalOf(undefined)?.name).toBe('lab');
  });
});
