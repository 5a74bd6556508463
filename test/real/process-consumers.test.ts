/** The kit's second form: consumers that are processes, in any language, killed for real, on a real Pulsar. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  brokerRestart,
  type CompetingOptions,
  competing,
  joinOne,
  killOne,
  leaveOne,
  pauseOne,
  redeliver,
} from '../../lab/testing/testing';
import type { UserEvent } from '../../shared/model/event';
import { effects, store } from '../support/kit-consumers';
import { describePulsar } from '../support/pulsar-broker';
import { describeNative } from '../support/pulsar-native';

type Manner = 'sound' | 'careless';

jest.setTimeout(180_000);

beforeAll(() => store.open());
beforeEach(() => store.empty());
afterAll(() => store.close());

const SIZES = { topic: 'users', subscription: 'balances', seed: 3, deadlineMs: 60_000, effects };
const FEW = { ...SIZES, consumers: 3, users: 5, eventsPerUser: 20 };
/** So many users that each consumer has some of which the last events are still to come. */
const MANY = { ...SIZES, consumers: 2, users: 40, eventsPerUser: 5 };
const JOURNAL = { journal: (user: string) => store.journal.get(user) ?? [] };

function starting(script: string, manner: Manner): CompetingOptions['start'] {
  const path = join(__dirname, '..', 'support', script);
  return ({ topic, subscription, brokerUrl }) =>
    spawn(process.execPath, [path, brokerUrl, topic, String(subscription), String(store.port), manner]);
}

async function expectSound(options: Omit<CompetingOptions, 'seed'>) {
  const run = await competing<UserEvent>({ ...options, ...JOURNAL });
  expect(run.performance.notes).toEqual([]);
  expect(run).toKeepOrderPerUser();
  expect(run).toApplyExactlyOnce();
  expect(run).toLoseNothing();
  return run;
}

describePulsar('consumers that are processes, over WebSockets', (broker) => {
  const place = () => ({ broker: broker().url, admin: broker().adminUrl });
  const sound = starting('line-consumer.js', 'sound');
  const careless = starting('line-consumer.js', 'careless');

  it('are found sound under kill -9, a join and a departure', async () => {
    const run = await expectSound({ ...FEW, ...place(), start: sound, faults: [killOne(), joinOne(), leaveOne()] });
    const killed = run.history.filter(({ stream, type }) => stream === 'Cause' && type === 'crash');
    expect(killed).toHaveLength(1);
  });

  it('are found sound when one is stopped until others have done its work, and the topic is unloaded', async () => {
    await expectSound({ ...MANY, ...place(), start: sound, faults: [brokerRestart(), pauseOne()] });
  });

  it('are found to apply twice when one is stopped, and works on what has become the work of others', async () => {
    const run = await competing<UserEvent>({ ...MANY, ...JOURNAL, ...place(), start: careless, faults: [pauseOne()] });
    expect(() => expect(run).toApplyExactlyOnce()).toThrow('event applied twice (X2)');
  });

  it('prove no order by themselves: without a journal of effects nobody claims one', async () => {
    const calm = await competing<UserEvent>({ ...FEW, ...place(), start: careless });
    expect(calm).toApplyExactlyOnce();
    expect(() => expect(calm).toKeepOrderPerUser()).toThrow('deliveries to processes are not seen from outside');
  });

  it('are refused what is made inside the client, and a process that ends at once', async () => {
    const run = (options: Partial<CompetingOptions>) =>
      competing<UserEvent>({ ...FEW, ...place(), start: sound, ...options });
    await expect(run({ faults: [redeliver(0.1)] })).rejects.toThrow('cannot be made for processes');
    await expect(run({ faults: [killOne({ at: 'ack' })] })).rejects.toThrow('leave `at` and `nth` out');
    await expect(run({ start: () => spawn('false') })).rejects.toThrow('ended before it subscribed');
    await expect(run({ topology: 'shared' })).rejects.toThrow('leave `topology` out');
  });
});

describeNative('consumers that are processes', (addresses) => {
  const place = () => ({ broker: addresses().url, admin: addresses().adminUrl });
  const sound = starting('native-consumer.js', 'sound');

  it('are found sound under kill -9, a join and a departure', async () => {
    await expectSound({ ...FEW, ...place(), start: sound, faults: [killOne(), joinOne(), leaveOne()] });
  });

  it('are found sound when one is stopped until others have done its work, and the topic is unloaded', async () => {
    await expectSound({ ...MANY, ...place(), start: sound, faults: [brokerRestart(), pauseOne()] });
  });
});
