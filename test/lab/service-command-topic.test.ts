/** Commands on a topic, over HTTP: the request is held until the reply is there, or answered with where to look. */
import { PostedCommands } from '../../lab/api/posted-commands';
import { openService, type Service } from '../../lab/service';
import type { ServiceFlags } from '../../lab/service-options';
import { OrderlabError } from '../../shared/errors';
import { answerOf } from '../support/api-bench';
import { until } from '../support/until';

const QUIET = { say: () => {} };
const FLAGS: ServiceFlags = {
  ...{ host: '127.0.0.1', port: 0, broker: 'embedded:', store: 'embedded:', namespace: 'public/default' },
  ...{ keyPrefix: 'orderlab:users', topic: 'users', subscription: 'projector', name: 'shop 1', insecureLab: true },
};
let service: Service;
const open = async (choice: Partial<ServiceFlags>): Promise<void> => {
  service = await openService('user-service', { ...FLAGS, ...choice }, QUIET);
};
afterEach(() => service.close());

const post = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  answerOf(
    await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': path, ...headers },
      body: JSON.stringify(body),
    }),
  );
const get = async (path: string) => answerOf(await fetch(`${service.url}${path}`));
const ADA = { name: 'Ada', email: 'ada@example.org' };
const NO_WAIT = { prefer: 'respond-async' };

describe('a service with a command topic', () => {
  beforeEach(() => open({ commandTopic: 'commands' }));

  it('holds the request until the reply is there, and answers as one that executes it itself', async () => {
    const created = await post('/users/ada/create', ADA);
    expect([created.status, created.headers.get('etag')]).toEqual([202, '"1"']);
    expect(await post('/users/ada/create', ADA)).toMatchObject({ body: { sequence: 1, replayed: true } });
    expect(await post('/users/bob/credit', { amount: 1 })).toMatchObject({
      status: 404,
      body: { code: 'USER_NOT_FOUND' },
    });
    expect(await get('/users/ada?min-version=1')).toMatchObject({ status: 200, body: { name: 'Ada' } });
  });

  it('answers a client that does not wait with where it hears what became of the command', async () => {
    const posted = await post('/users/ada/create', ADA, { ...NO_WAIT, 'idempotency-key': 'key/1' });
    expect([posted.status, posted.headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect(posted.body).toEqual({ state: 'pending', status: '/commands/key%2F1' });
    const path = posted.headers.get('location') ?? '';
    await until('the command is executed', async () => (await get(path)).body.state !== 'pending');
    expect((await get(path)).body).toMatchObject({ state: 'accepted', user: 'ada', sequence: 1 });
    await post('/users/bob/credit', { amount: 1 }, { ...NO_WAIT, 'idempotency-key': 'key2' });
    await until('the command is refused', async () => (await get('/commands/key2')).body.state !== 'pending');
    expect((await get('/commands/key2')).body).toMatchObject({ state: 'failed', problem: { code: 'USER_NOT_FOUND' } });
  });

  it('knows nothing of a command that nobody posted', async () => {
    expect(await get('/commands/never')).toMatchObject({ status: 404, body: { code: 'COMMAND_UNKNOWN' } });
  });
});

it('a service without one executes at once, whatever a client prefers, and has nowhere to look', async () => {
  await open({});
  const created = await post('/users/ada/create', ADA, NO_WAIT);
  expect([created.status, created.headers.get('etag'), created.headers.get('preference-applied')]).toEqual([
    ...[202, '"1"', null],
  ]);
  expect(await get('/commands/any')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
});

describe('posted commands', () => {
  const receipt = { user: 'ada', eventId: 'e1', sequence: 1, replayed: false };

  it('are pending, accepted or failed, and those of one principal are nothing to another one', async () => {
    const posted = new PostedCommands();
    posted.follow('shop:1', Promise.resolve(receipt));
    posted.follow('shop:2', Promise.reject(new OrderlabError('REPLY_LATE', { deadlineMs: 10 })));
    expect(posted.statusOf('shop:1')).toEqual({ state: 'pending' });
    await new Promise(setImmediate);
    expect(posted.statusOf('shop:1')).toEqual({ state: 'accepted', ...receipt });
    expect(posted.statusOf('shop:2')).toMatchObject({ problem: { code: 'REPLY_LATE', outcome: 'unknown' } });
    expect(() => posted.statusOf('other:1')).toThrow(OrderlabError);
  });
});
