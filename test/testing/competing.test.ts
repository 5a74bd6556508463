/**
 * The kit on consumers of this process: what is sound is found sound under every fault, what is not is found, and a run
 * that could not have failed is no success.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import pulsar = require('../../lab/testing/client/pulsar-client');

import {
  assertAppliedExactlyOnce,
  assertNothingLost,
  assertOrderPerUser,
  brokerRestart,
  type CompetingOptions,
  competing,
  joinOne,
  type KitRun,
  killOne,
  leaveOne,
  nackStorm,
  pauseOne,
  redeliver,
  slowConsumer,
} from '../../lab/testing/testing';
import { createChecker } from '../../shared/checker/check';
import type { UserEvent } from '../../shared/model/event';
import {
  ackFirst,
  addOnly,
  claimThenAdd,
  complaints,
  consumerOf,
  effects,
  reference,
  SUBSCRIPTION,
  store,
} from '../support/kit-consumers';

beforeAll(() => store.open());
beforeEach(() => store.empty());
afterAll(() => store.close());

const SMALL = {
  topic: 'users',
  consumers: 2,
  users: 4,
  eventsPerUser: 8,
  effects,
  reset: () => store.empty(),
  seed: 7,
};

function run(start: () => Promise<void>, options: Partial<CompetingOptions> = {}): Promise<KitRun<UserEvent>> {
  return competing({ ...SMALL, start, ...options });
}

/** Judges the history as `orderlab check` does. */
function recheck({ history }: KitRun<UserEvent>): string {
  const checker = createChecker();
  for (const record of history) checker.observe(record);
  return checker.finish().status;
}

const ORDERLY = [killOne(), joinOne(), leaveOne(), pauseOne(), redeliver(0.1), slowConsumer(1), brokerRestart()];

describe('a sound consumer', () => {
  it('passes without faults, and its history is valid', async () => {
    const calm = await run(reference);
    expect(calm).toKeepOrderPerUser();
    expect(calm).toApplyExactlyOnce();
    expect(calm).toLoseNothing();
    assertNothingLost(calm);
    expect(recheck(calm)).toBe('valid');
  });

  it.each(ORDERLY.map((fault) => [fault.kind, fault] as const))('passes under the fault %s', async (_kind, fault) => {
    const run_ = await run(reference, { faults: [fault], consumers: 3, eventsPerUser: 12 });
    expect(run_).toKeepOrderPerUser();
    expect(run_).toApplyExactlyOnce();
    expect(run_).toLoseNothing();
  });

  it('passes under all of them at once, whatever the seed', async () => {
    const seed = process.env.ORDERLAB_SEED ?? Math.floor(Math.random() * 2 ** 31);
    const stormy = { faults: ORDERLY, consumers: 3, users: 5, eventsPerUser: 12, seed, runs: 10 };
    const stormRun = await run(reference, stormy);
    /** Nothing speaks against it; that each fault met work in the last of ten drawn runs is not promised. */
    expect(complaints(stormRun)).toEqual([]);
    expect(stormRun.runCount).toBe(10);
  });

  it('is not held up by one who leaves while the broker restarts', async () => {
    const settings = { users: 2, eventsPerUser: 2, seed: 154136500771, runs: 5 };
    const left = await run(reference, { ...settings, faults: [leaveOne(), brokerRestart()] });
    expect(left.findings('loss')).toEqual([]);
  });

  it('applies once under a storm of negative acknowledgements too, and nobody claims an order of deliveries', async () => {
    const storm = await run(reference, { faults: [nackStorm(6)], eventsPerUser: 12 });
    expect(storm).toApplyExactlyOnce();
    expect(() => expect(storm).toKeepOrderPerUser()).toThrow('deliveries prove no order');
    expect(() => expect(storm).not.toKeepOrderPerUser()).toThrow('deliveries prove no order');
  });

  it('shows its order under a storm where a journal of effects is read', async () => {
    const journal = (user: string) => store.journal.get(user) ?? [];
    const storm = await run(reference, { faults: [nackStorm(6)], eventsPerUser: 12, journal });
    expect(storm).toKeepOrderPerUser();
    expect(recheck(storm)).toBe('valid');
  });
});

describe('what is wrong', () => {
  it('is found on Shared: events of one user at two consumers', async () => {
    const shared = await run(addOnly, { topology: 'shared', consumers: 3 });
    expect(() => expect(shared).toKeepOrderPerUser()).toThrow(/two consumers hold one user.*Shared promises no order/s);
    expect(shared).not.toKeepOrderPerUser();
    expect(recheck(shared)).toBe('invalid');
  });

  it('is found between a claim and its effect, and the failure is made small', async () => {
    const found = await run(claimThenAdd, { faults: [killOne(), joinOne(), slowConsumer(1)], runs: 20 });
    expect(() => expect(found).toLoseNothing()).toThrow(
      /had never been applied.*X crashes.*in one step.*ORDERLAB_REPLAY=/s,
    );
    expect(found.plan.faults.map(({ kind }) => kind)).toEqual(['kill']);
    expect(found.plan.users * found.plan.eventsPerUser).toBeLessThan(SMALL.users * SMALL.eventsPerUser);
  });

  it('is found where nothing remembers what was applied', async () => {
    const found = await run(addOnly, { faults: [redeliver(0.2)], runs: 20 });
    expect(() => expect(found).toApplyExactlyOnce()).toThrow('had been applied twice');
    expect(found.findings('loss')).toEqual([]);
  });

  it('is found where the acknowledgement comes first', async () => {
    const found = await run(ackFirst, { faults: [killOne()], runs: 20 });
    expect(() => expect(found).toLoseNothing()).toThrow('acknowledge last');
  });

  it('is found by hand-written assertions as well', async () => {
    const shared = await run(addOnly, { topology: 'shared', consumers: 3 });
    expect(() => assertOrderPerUser(shared)).toThrow('did not keep the order');
    store.empty();
    await expect(assertAppliedExactlyOnce(shared, effects)).rejects.toThrow('had never been applied');
  });

  it('is a consumer that ends by itself', async () => {
    const broken = consumerOf(async ({ acknowledge }) => acknowledge());
    const start = async ({ name }: { readonly name: string }) => {
      await broken();
      if (name === 'c2') throw new Error('no such database');
    };
    const ended = await competing({ ...SMALL, start });
    expect(ended.performance.notes).toEqual(['c2 ended by itself: no such database']);
  });

  it('is a message that nobody acknowledges', async () => {
    const forgetful = consumerOf(async ({ event, acknowledge }) => (event.sequence === 3 ? null : acknowledge()));
    const stuck = await run(forgetful, { deadlineMs: 50 });
    expect(() => expect(stuck).toLoseNothing()).toThrow('did not finish: 4 messages are still unacknowledged');
  });
});

describe('a run that could not have failed', () => {
  it('is no success: one consumer did all the work', async () => {
    const alone = await run(reference, { topology: 'failover' });
    expect(() => expect(alone).toKeepOrderPerUser()).toThrow('nobody competed');
  });

  it('is no success: a fault met nothing', async () => {
    const start = consumerOf(async ({ acknowledge }) => acknowledge());
    const spared = await run(start, { faults: [killOne({ at: 'write' })] });
    expect(() => expect(spared).toKeepOrderPerUser()).toThrow('the fault "kill" met nothing');
  });

  it('is no success: nothing tells what took effect', async () => {
    const { effects: _effects, ...blind } = SMALL;
    const blindRun = await competing({ ...blind, start: reference });
    expect(() => expect(blindRun).toApplyExactlyOnce()).toThrow('nothing tells what took effect');
  });
});

describe('what a test asks for', () => {
  it('is the same workload for the same seed', async () => {
    const logOf = ({ history }: KitRun<UserEvent>) =>
      history.filter(({ stream }) => stream === 'Log').map((each) => ({ ...each, n: 0, order: 0 }));
    const [first, second] = [await run(reference), await run(reference)];
    expect(logOf(second)).toEqual(logOf(first));
    expect(logOf(await run(reference, { seed: 8 }))).not.toEqual(logOf(first));
  });

  it('runs one after the other, whoever does not wait', async () => {
    const both = await Promise.all([run(reference), run(reference, { users: 2 })]);
    expect(both.map(({ performance }) => performance.stock.length)).toEqual([32, 16]);
    expect(both.map((each) => each.findings('order'))).toEqual([[], []]);
  });

  it('ends in order: every consumer that is left is stopped, once', async () => {
    let stopCount = 0;
    const start = async () => {
      await reference();
      return { stop: () => (stopCount += 1) };
    };
    await competing({ ...SMALL, start, consumers: 3, faults: [killOne()] });
    expect(stopCount).toBe(3);
  });

  it('may be events of its own', async () => {
    const seen: unknown[] = [];
    const start = async () => {
      const consumer = await new pulsar.Client({ serviceUrl: 'pulsar://here' }).subscribe({
        ...SUBSCRIPTION,
        topic: 'orders',
      });
      const loop = async () => {
        for (;;) {
          const message = await consumer.receive();
          seen.push(JSON.parse(message.getData().toString()));
          await consumer.acknowledge(message);
        }
      };
      void loop();
    };
    const events = ({ user, sequence }: { readonly user: string; readonly sequence: number }) => ({
      order: `${user}/${sequence}`,
    });
    const own = await competing({ start, topic: 'orders', users: 2, eventsPerUser: 2, events });
    expect(own).toKeepOrderPerUser();
    expect(seen).toHaveLength(4);
    expect(seen).toContainEqual({ order: 'u-2/2' });
  });

  it('may be a trace', async () => {
    const traced = await run(reference, { trace: 'fastify', users: 10, eventsPerUser: 10 });
    expect(traced.performance.stock).toHaveLength(100);
    expect(traced).toApplyExactlyOnce();
  });

  it('may be a trace in a file', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'orderlab-trace-')), 'mine.jsonl');
    const lines = ['ann', 'bob'].flatMap((user) => [
      { at: 1, user, type: 'UserCreated', data: { name: user, email: `${user}@example.org` } },
      { at: 2, user, type: 'UserCredited', data: { amount: 5 } },
      { at: 3, user, type: 'UserCredited', data: { amount: 6 } },
    ]);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const traced = await run(reference, { trace: path, users: 2, eventsPerUser: 3 });
    expect(traced.users).toEqual(['ann', 'bob']);
    expect([store.balances.get('ann'), store.balances.get('bob')]).toEqual([11, 11]);
    expect(traced.findings('once')).toEqual([]);
    rmSync(dirname(path), { recursive: true });
  });

  it('is refused when it cannot be run, with the reason', async () => {
    const lost = { topic: 'elsewhere', deadlineMs: 100 };
    await expect(run(async () => {}, lost)).rejects.toThrow('it subscribed to nothing');
    await expect(run(reference, lost)).rejects.toThrow('it subscribed to persistent://public/default/users');
    await expect(run(reference, { users: 0 })).rejects.toThrow('users is a whole number from 1, got 0');
    const { reset: _reset, ...forgetful } = SMALL;
    await expect(competing({ ...forgetful, start: reference, runs: 2 })).rejects.toThrow('runs needs `reset`');
  });

  it('is replayed from the line that a failure prints', async () => {
    process.env.ORDERLAB_REPLAY = '7,3,2,5,1';
    try {
      const replayed = await run(reference, { faults: [killOne(), redeliver(0.1)], runs: 20 });
      expect(replayed.plan).toMatchObject({ seed: '7', consumers: 3, users: 2, eventsPerUser: 5, faultNumbers: [1] });
      expect(replayed.plan.faults.map(({ kind }) => kind)).toEqual(['redeliver']);
    } finally {
      delete process.env.ORDERLAB_REPLAY;
    }
  });
});
