/** A standalone of our own: started, refused, killed under load and started again, stopped. Its clients outlive all of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressesOf } from '../../lab/pulsar-files';
import { type StandaloneOptions, startStandalone, statusOf, stopStandalone } from '../../lab/pulsar-standalone';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { outcomeOf } from '../support/outcome';
import { describeOwnPulsar } from '../support/pulsar-broker';
import { until } from '../support/until';

describeOwnPulsar('a standalone', (placeIn) => {
  const data = mkdtempSync(join(tmpdir(), 'orderlab-standalone-'));
  let options: StandaloneOptions;

  beforeAll(async () => {
    options = await placeIn(data);
    await startStandalone(options);
  }, 300_000);
  afterAll(async () => {
    await stopStandalone(data);
    rmSync(data, { recursive: true, force: true });
  });

  it('is healthy when it has started, and starting it once more finds it', async () => {
    const status = await statusOf(data);
    expect(status).toMatchObject({ state: 'healthy', httpPort: options.httpPort });
    expect(await startStandalone(options)).toEqual(status);
  });

  it('is refused on a port in use, with the option that names another', async () => {
    const other = startStandalone({ ...options, data: join(data, 'other') });
    await expect(other).rejects.toMatchObject({ code: 'PORT_IN_USE', exitCode: 3 });
    await expect(other).rejects.toThrow(`port ${options.brokerPort} on 127.0.0.1 is in use`);
  });

  it('does not move to other ports while it runs', async () => {
    const moved = startStandalone({ ...options, httpPort: options.httpPort + 1 });
    await expect(moved).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('that is killed and started again has everything it acknowledged, and its clients go on by themselves', async () => {
    const broker = await openPulsarWebSocket({
      url: addressesOf(options).ORDERLAB_PULSAR_WS,
      namespace: 'orderlab/restart',
      deadlines: { reconnectMs: 120_000 },
    });
    await broker.createTopic('users', 0);
    await broker.createSubscription('users', 's');
    const producer = await broker.createProducer('users', 'p');
    const send = (index: number) =>
      producer.send({ key: `k${index % 5}`, payload: Buffer.from(String(index)), properties: {} });
    const consumer = await broker.subscribe({
      ...{ topic: 'users', subscription: 's', type: 'key-shared', consumerName: 'c1', receiverQueueSize: 10 },
    });
    for (let index = 0; index < 100; index += 1) await send(index);

    const running = await statusOf(data);
    process.kill(running.state === 'stopped' ? 0 : running.pid, 'SIGKILL');
    await until('it is gone', async () => (await statusOf(data)).state === 'stopped');
    await until('the producer noticed', async () => /definite/.test(String(await outcomeOf(send(-1)))), 60_000);
    await startStandalone(options);
    await until('the producer is back', async () => /^\d/.test(String(await outcomeOf(send(100)))), 60_000);

    const seen = new Set<string>();
    while (!seen.has('100')) {
      const delivery = await consumer.receive();
      if (delivery === null) break;
      seen.add(Buffer.from(delivery.payload).toString());
      await consumer.ack(delivery.messageId);
    }
    for (let index = 0; index <= 100; index += 1) expect(seen).toContain(String(index));
    await until('the backlog is 0', async () => (await broker.stats('users', 's')).backlog === 0);
    await broker.close();
  }, 300_000);

  it('leaves no process when it is stopped, and stopping it twice is stopping it once', async () => {
    const running = await statusOf(data);
    expect(await stopStandalone(data)).toBe(true);
    expect(await stopStandalone(data)).toBe(false);
    expect(await statusOf(data)).toEqual({ state: 'stopped', data });
    /** Its starter is told of its end a little later than it is gone. */
    await until('its process id is free', () => running.state !== 'stopped' && !exists(running.pid));
  });
});

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
