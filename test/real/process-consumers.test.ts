/** The kit's second form: consumers that are processes, in any language, killed for real, on a real Pulsar. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type CompetingOptions, competing, joinOne, killOne, leaveOne, redeliver } from '../../lab/testing/testing';
import type { UserEvent } from '../../shared/model/event';
import { effects, store } from '../support/kit-consumers';
import { describePulsar } from '../support/pulsar-broker';

const SCRIPT = join(__dirname, '..', 'support', 'line-consumer.js');

jest.setTimeout(180_000);

describePulsar('consumers that are processes', (broker) => {
  beforeAll(() => store.open());
  beforeEach(() => store.empty());
  afterAll(() => store.close());

  const SIZES = { topic: 'users', consumers: 3, users: 5, eventsPerUser: 20, seed: 3, deadlineMs: 60_000 };

  const JOURNAL = { journal: (user: string) => store.journal.get(user) ?? [] };

  function run(manner: 'sound' | 'careless', options: Partial<CompetingOptions>) {
    const start: CompetingOptions['start'] = ({ topic, subscription, brokerUrl }) =>
      spawn(process.execPath, [SCRIPT, brokerUrl, topic, String(subscription), String(store.port), manner]);
    const { url, adminUrl } = broker();
    const place = { broker: url, admin: adminUrl, subscription: 'balances' };
    return competing<UserEvent>({ ...SIZES, ...place, start, effects, ...options });
  }

  it('are found sound under kill -9, a join and a departure', async () => {
    const sound = await run('sound', { ...JOURNAL, faults: [killOne(), joinOne(), leaveOne()] });
    expect(sound).toKeepOrderPerUser();
    expect(sound).toApplyExactlyOnce();
    expect(sound).toLoseNothing();
    const killed = sound.history.filter(({ stream, type }) => stream === 'Cause' && type === 'crash');
    expect(killed).toHaveLength(1);
  });

  it('prove no order by themselves: without a journal of effects nobody claims one', async () => {
    const calm = await run('careless', {});
    expect(calm).toApplyExactlyOnce();
    expect(() => expect(calm).toKeepOrderPerUser()).toThrow('deliveries to processes are not seen from outside');
  });

  it('are refused faults that are made inside the client, and a process that ends at once', async () => {
    await expect(run('sound', { faults: [redeliver(0.1)] })).rejects.toThrow('cannot be made for processes');
    await expect(run('sound', { start: () => spawn('false') })).rejects.toThrow('ended before it subscribed');
    await expect(run('sound', { topology: 'shared' })).rejects.toThrow('leave `topology` out');
  });
});
