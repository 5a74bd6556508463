/** `orderlab audit` on a real Pulsar and a real Redis: a tail that is really lost, found and repaired from the topic. */
import { tmpdir } from 'node:os';
import { openPulsarWebSocket } from '../../shared/adapters/pulsar-websocket';
import { orderlab } from '../support/orderlab';
import { ProjectorBench } from '../support/projector-bench';
import { describePulsar } from '../support/pulsar-broker';
import { openTestStore } from '../support/redis-bench';
import { describeRedis } from '../support/redis-server';
import { credits } from '../support/user-event';

const NAMESPACE = `orderlab/audit-${process.pid}`;

jest.setTimeout(180_000);

describePulsar('the head audit', (pulsar) => {
  describeRedis('the head audit', (redis) => {
    it('finds a tail that was acknowledged and never applied, and repairs it from the topic', async () => {
      const broker = await openPulsarWebSocket({ url: pulsar().url, namespace: NAMESPACE });
      const { store, keyPrefix } = await openTestStore(redis().url);
      try {
        const bench = await ProjectorBench.open(broker, store);
        await bench.publish(credits(12, 3));
        await bench.project({
          strategy: 'ack-first',
          dies: { at: 'before:apply', event: { user: 'u-1', sequence: 4 } },
        });
        const place = ['--broker', pulsar().url, '--store', redis().url, '--key-prefix', keyPrefix];
        const words = ['audit', ...place, '--namespace', NAMESPACE, '--topic', bench.topic, '--json'];
        const audit = async (...more: readonly string[]) => {
          const { stdout, exitCode } = await orderlab([...words, ...more], { folder: tmpdir() });
          return { ...JSON.parse(stdout), exitCode };
        };
        const lost = { kind: 'behind', user: 'u-1', version: 3, head: 4 };
        const found = await audit('--subscription', 'projector');
        expect(found).toMatchObject({
          state: 'out-of-step',
          exitCode: 1,
          backlog: 0,
          findings: [{ ...lost, reached: 3 }],
        });
        expect(await audit('--fix')).toMatchObject({
          state: 'repaired',
          exitCode: 0,
          findings: [{ ...lost, reached: 4 }],
        });
        expect(await audit()).toMatchObject({ state: 'in-step', exitCode: 0, userCount: 3 });
        for await (const body of store.dump()) {
          if (body.type === 'user') expect(body).toMatchObject({ version: 4, fields: { balance: 4 } });
        }
        for (const mistake of [
          ['--topic', 'nowhere'],
          ['--namespace', `${NAMESPACE}-nowhere`],
        ]) {
          expect(await audit(...mistake)).toMatchObject({ exitCode: 3, error: { code: 'TOPIC_NOT_FOUND' } });
        }
        const namespaces = await (await fetch(`${pulsar().adminUrl}/admin/v2/namespaces/orderlab`)).json();
        expect(namespaces).toContain(NAMESPACE);
        expect(namespaces).not.toContain(`${NAMESPACE}-nowhere`);
      } finally {
        await store.erase();
        await store.close();
        await broker.admin.deleteNamespace(NAMESPACE);
        await broker.close();
      }
    });
  });
});
