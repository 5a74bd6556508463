import { competing, joinOne, killOne, pauseOne, redeliver, startRedis, type TestRedis } from 'orderlab/testing';

jest.mock('pulsar-client', () => require('orderlab/testing/pulsar-client'));
jest.setTimeout(60_000);
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
  process.env.REDIS_URL = redis.url;
});
afterAll(() => redis.stop());

const read = (user: string) => redis.client.hget(`user:${user}`, 'balance');
const fold = (balance = 0, { data }: { data: { amount?: number } }) => balance + (data.amount ?? 0);
const faults = [killOne(), joinOne(), redeliver(0.05), pauseOne()];
const sizes = { topic: 'users', consumers: 3, users: 20, eventsPerUser: 30, seed: 1 };
const workload = { ...sizes, faults, effects: { read, fold }, reset: () => redis.empty() };
it('keeps the order of each user and applies each event once', async () => {
  const run = await competing({ ...workload, start: () => import('./my-consumer') });
  expect(run).toKeepOrderPerUser();
  expect(run).toApplyExactlyOnce();
});
it('would not keep it on a Shared subscription', async () => {
  const run = await competing({ ...workload, start: () => import('./my-consumer'), topology: 'shared' });
  expect(run).not.toKeepOrderPerUser();
});
