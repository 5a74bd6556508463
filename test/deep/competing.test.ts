/** The kit's own false alarms: a sound consumer under every fault at once, a thousand times. */
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
} from '../../lab/testing/testing';
import { complaints, effects, reference, store } from '../support/kit-consumers';

const { ORDERLAB_RUNS = '1000', ORDERLAB_SEED = String(Math.floor(Math.random() * 2 ** 31)) } = process.env;
const RUNS = Number(ORDERLAB_RUNS);

beforeAll(() => store.open());
afterAll(() => store.close());

const SIZES = { topic: 'users', consumers: 3, users: 5, eventsPerUser: 10, effects, start: reference };
const ORDERLY = [killOne(), joinOne(), leaveOne(), pauseOne(), redeliver(0.1), slowConsumer(1), brokerRestart()];
const JOURNAL = (user: string) => store.journal.get(user) ?? [];

it('finds nothing against a sound consumer under all faults, whatever the seed', async () => {
  const settings = { ...SIZES, seed: ORDERLAB_SEED, runs: RUNS / 2, reset: () => store.empty() };
  const orderly = await competing({ ...settings, faults: ORDERLY });
  expect(complaints(orderly)).toEqual([]);
  const stormy = await competing({ ...settings, faults: [...ORDERLY, nackStorm(5)], journal: JOURNAL });
  expect(complaints(stormy)).toEqual([]);
  expect(orderly.runCount + stormy.runCount).toBe(RUNS);
});
