/**
 * The kit's own false alarms: the sound consumer of the examples, on a real Redis, under every fault at once. Half of the
 * runs have a storm of negative acknowledgements as well.
 *
 * ORDERLAB_KIT_RUNS says how many runs; without it the deep tier's minutes do, at what a run takes on a machine of two
 * cores that is busy otherwise.
 */
import {
  brokerRestart,
  competing,
  joinOne,
  killOne,
  leaveOne,
  nackStorm,
  pauseOne,
  redeliver,
  slowConsumer,
  startRedis,
  type TestRedis,
} from '../../lab/testing/testing';
import type { UserEvent } from '../../shared/model/event';
import { complaints } from '../support/kit-consumers';
import { describeRedis } from '../support/redis-server';

jest.mock('pulsar-client', () => require('../../lab/testing/client/pulsar-client'));

const { ORDERLAB_KIT_RUNS, ORDERLAB_SEED, ORDERLAB_DEEP_MINUTES = '10' } = process.env;
const SEED = Number(ORDERLAB_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS_A_MINUTE = 10;
const RUNS = Math.max(2, Number(ORDERLAB_KIT_RUNS ?? Number(ORDERLAB_DEEP_MINUTES) * RUNS_A_MINUTE));

jest.setTimeout(6 * 3_600_000);

/** Its module is loaded once, and starts the first one by itself: loading ioredis anew takes longer than a run. */
let sound: { run(): Promise<void> } | null = null;
async function start(): Promise<void> {
  if (sound === null) sound = require('../examples/my-consumer');
  else await sound.run();
}

const ORDERLY = [killOne(), joinOne(), leaveOne(), pauseOne(), redeliver(0.1), slowConsumer(1), brokerRestart()];

describeRedis('the kit', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
    process.env.REDIS_URL = redis.url;
  });
  afterAll(() => redis.stop());

  const effects = {
    read: (user: string) => redis.client.hget(`user:${user}`, 'balance'),
    fold: (balance: number | undefined, { data }: UserEvent) => (balance ?? 0) + ('amount' in data ? data.amount : 0),
  };

  it('finds nothing against a sound consumer under all faults, whatever the seed', async () => {
    const sizes = { topic: 'users', consumers: 3, users: 5, eventsPerUser: 10, effects };
    const settings = { ...sizes, start, reset: () => redis.empty() };
    const startMs = performance.now();
    let runCount = 0;
    for (const faults of [ORDERLY, [...ORDERLY, nackStorm(5)]]) {
      const run = await competing<UserEvent>({ ...settings, faults, seed: SEED, runs: Math.ceil(RUNS / 2) });
      expect(complaints(run)).toEqual([]);
      runCount += run.runCount;
    }
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    process.stderr.write(`${runCount} runs of a sound consumer under every fault in ${seconds} s: no false alarm\n`);
    expect(runCount).toBeGreaterThanOrEqual(RUNS);
  });
});
