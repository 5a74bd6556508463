/** What the admin client creates, what it reads, and how it fails: on a real broker, and on the one that the lab serves. */
import type { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import { openPulsarWebSocket, type PulsarWebSocketBroker } from '../../shared/adapters/pulsar-websocket';
import { addToRing, createHashRing, hashRangesOf, removeFromRing } from '../../shared/simulator/hash-ring';
import { until } from '../support/until';
import type { ApiAddress } from './api-bench';

const NAMESPACE = `orderlab/admin-${process.pid}`;
const TOPIC = `${NAMESPACE}/users`;
const SUBSCRIPTION = 'projector';

export function describeAdmin(name: string, server: () => ApiAddress): void {
  describe(`the admin API ${name}`, () => {
    let broker: PulsarWebSocketBroker;
    const admin = (): PulsarAdmin => broker.admin;

    beforeEach(async () => {
      broker = await openPulsarWebSocket({ url: server().url, namespace: NAMESPACE });
    });
    afterEach(async () => {
      await broker.close();
      await admin().deleteNamespace(NAMESPACE);
    });

    const open = async (partitionCount: number): Promise<void> => {
      await broker.createTopic('users', partitionCount);
      await broker.createSubscription('users', SUBSCRIPTION);
    };
    const join = (consumerName: string) =>
      broker.subscribe({
        ...{ topic: 'users', subscription: SUBSCRIPTION, type: 'key-shared', consumerName, receiverQueueSize: 10 },
      });
    const publish = async (keys: readonly string[]): Promise<void> => {
      const producer = await broker.createProducer('users', 'p');
      await Promise.all(keys.map((key) => producer.send({ key, payload: new Uint8Array([1]), properties: {} })));
      await producer.close();
    };

    it('tells health and version', async () => {
      expect(await admin().isHealthy()).toBe(true);
      expect(await admin().version()).toMatch(/^4\./);
    });

    it('tells topics with their partitions from plain ones and from none', async () => {
      await open(3);
      await broker.createTopic('plain', 0);
      expect(await admin().partitionCount(TOPIC)).toBe(3);
      expect(await admin().partitionCount(`${NAMESPACE}/plain`)).toBe(0);
      expect(await admin().partitionCount(`${NAMESPACE}/none`)).toBeNull();
    });

    it('refuses a topic that exists with another number of partitions', async () => {
      await open(3);
      await expect(admin().createTopic(TOPIC, 3)).resolves.toBeUndefined();
      await expect(admin().createTopic(TOPIC, 4)).rejects.toMatchObject({ code: 'USAGE' });
      await expect(admin().createTopic(TOPIC, 0)).rejects.toMatchObject({ code: 'USAGE' });
    });

    it('reads statistics partition by partition: backlog, unacknowledged, permits', async () => {
      await open(2);
      await publish(Array.from('abcdefgh'));
      const consumer = await join('c1');
      for (let count = 0; count < 8; count += 1) await consumer.receive();
      await until('all are unacknowledged', async () => {
        const stats = (await admin().subscriptionStats(TOPIC, 2, SUBSCRIPTION)) ?? [];
        return stats.reduce((sum, { unackedCount }) => sum + unackedCount, 0) === 8;
      });
      const stats = (await admin().subscriptionStats(TOPIC, 2, SUBSCRIPTION)) ?? [];
      expect(stats.map(({ partition }) => partition)).toEqual([0, 1]);
      expect(stats.reduce((sum, { backlog }) => sum + backlog, 0)).toBe(8);
      for (const { type, consumers } of stats) {
        expect(type).toBe('Key_Shared');
        expect(consumers.map(({ consumerName }) => consumerName)).toEqual(['c1']);
        expect(consumers[0]?.permits).toBeGreaterThan(0);
      }
      expect(await admin().subscriptionStats(TOPIC, 2, 'nobody')).toBeNull();
    });

    it('reads who drains which hash', async () => {
      await open(0);
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      const first = await join('c1');
      await publish(keys);
      for (const _key of keys) await first.receive();
      await join('c2');
      const [stats] = (await admin().subscriptionStats(TOPIC, 0, SUBSCRIPTION)) ?? [];
      const draining = stats?.consumers[0]?.drainingHashes ?? [];
      expect(stats?.drainingHashCount).toBe(draining.length);
      expect(draining.length).toBeGreaterThan(0);
      for (const { unackMsgs } of draining) expect(unackMsgs).toBe(1);
    });

    it.each([
      ['one consumer', ['+c1']],
      ['three that join in turn', ['+c1', '+c2', '+c3']],
      ['four of which the second leaves', ['+c1', '+c2', '+c3', '+c4', '-c2']],
      ['one that leaves and joins again', ['+ada', '+bob', '-ada', '+ada', '+a consumer with a long name']],
    ])('prints the hash ranges that the model computes: %s', async (_, script) => {
      await open(0);
      const ring = createHashRing();
      const members = new Map<string, { readonly id: number; readonly close: () => Promise<void> }>();
      for (const [id, word] of script.entries()) {
        const name = word.slice(1);
        const member = members.get(name);
        if (word.startsWith('-')) {
          removeFromRing(ring, member?.id ?? -1);
          await member?.close();
          members.delete(name);
        } else {
          const consumer = await join(name);
          addToRing(ring, id, name);
          members.set(name, { id, close: () => consumer.close() });
        }
      }
      const expected = [...hashRangesOf(ring).values()];
      const ranges = async () => {
        const [stats] = (await admin().subscriptionStats(TOPIC, 0, SUBSCRIPTION)) ?? [];
        return stats?.consumers.map(({ hashRanges }) => hashRanges) ?? [];
      };
      await until('everybody has joined or left', async () => (await ranges()).length === members.size);
      expect(await ranges()).toEqual(expected);
    });

    it('counts the entries of a partition across an unload, and the log is read whole', async () => {
      await open(0);
      await publish(['a', 'b']);
      await admin().unload(TOPIC);
      await publish(['c']);
      await until('the topic is served again', async () => (await admin().internalStats(TOPIC)).numberOfEntries === 3);
      const keys: string[] = [];
      for await (const { key } of broker.readLog('users')) keys.push(key);
      expect(keys).toEqual(['a', 'b', 'c']);
      await admin().unload(TOPIC);
      expect((await admin().internalStats(TOPIC)).numberOfEntries).toBe(3);
    });

    it('says what was tried when the broker refuses', async () => {
      const refusal = admin().internalStats(`${NAMESPACE}/none`);
      await expect(refusal).rejects.toMatchObject({ code: 'BROKER_REFUSED', outcome: 'definite' });
      await expect(refusal).rejects.toThrow(/ask for the internal statistics of .*HTTP 404, .*not found/);
    });
  });
}
