/** What the embedded broker offers beyond the port: outages, readers, cursors that are set anew. In virtual time. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { type EmbeddedBroker, openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import type { EmbeddedConsumer } from '../../shared/adapters/embedded-broker-consumer';
import type { SubscriptionType } from '../../shared/model/subscription';

interface Bench {
  readonly broker: EmbeddedBroker;
  readonly ids: ReadonlyMap<string, string>;
  readonly join: (name: string, type: SubscriptionType, ackTimeoutMs?: number) => Promise<EmbeddedConsumer>;
  readonly publish: (...texts: readonly string[]) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Runs the work on a broker with one plain topic `t` and a subscription `s`. */
function onBroker(work: (bench: Bench) => Promise<void>, partitionCount = 0): Promise<void> {
  const clock = openVirtualClock();
  const broker = openEmbeddedBroker({ clock, failoverDelayMs: 0 });
  const ids = new Map<string, string>();
  const play = async (): Promise<void> => {
    await broker.createTopic('t', partitionCount);
    await broker.createSubscription('t', 's');
    const producer = await broker.createProducer('t', 'p');
    const publish = async (...texts: readonly string[]): Promise<void> => {
      for (const text of texts) {
        const message = { key: text.split(':')[0] ?? '', payload: new Uint8Array(), properties: { text } };
        ids.set(text, await producer.send(message));
      }
    };
    const join = (consumerName: string, type: SubscriptionType, ackTimeoutMs = 0): Promise<EmbeddedConsumer> =>
      broker.subscribe({ topic: 't', subscription: 's', type, consumerName, receiverQueueSize: 5, ackTimeoutMs });
    await work({ broker, ids, join, publish, sleep: (ms) => clock.sleep(ms) });
    await broker.close();
  };
  return clock.run(play());
}

async function take(
  source: () => Promise<{ readonly properties: Readonly<Record<string, string>> } | null>,
  count: number,
) {
  const texts: (string | undefined)[] = [];
  for (let index = 0; index < count; index += 1) texts.push((await source())?.properties.text);
  return texts;
}

describe('the embedded broker', () => {
  it('delivers what is unacknowledged again after an unload, over connections that come back by themselves', () =>
    onBroker(async ({ broker, ids, join, publish }) => {
      const consumer = await join('c1', 'key-shared');
      await publish('a:1', 'a:2', 'b:1');
      expect(await take(() => consumer.receive(), 3)).toEqual(['a:1', 'a:2', 'b:1']);
      await consumer.ack(ids.get('a:1') ?? '');
      broker.unload('t');
      expect(broker.view('t', 's')[0]?.consumers).toEqual([]);
      expect(await take(() => consumer.receive(), 2)).toEqual(['a:2', 'b:1']);
      expect(() => broker.unload('nowhere')).toThrow('topic nowhere does not exist');
    }));

  it('brings acknowledged messages back after a crash, not after an orderly restart', () =>
    onBroker(async ({ broker, ids, join, publish }) => {
      const consumer = await join('c1', 'exclusive');
      await publish('a:1', 'a:2', 'a:3');
      expect(await take(() => consumer.receive(), 3)).toEqual(['a:1', 'a:2', 'a:3']);
      for (const text of ['a:1', 'a:2']) await consumer.ack(ids.get(text) ?? '');
      broker.restart({ losesAcks: false });
      expect(await take(() => consumer.receive(), 1)).toEqual(['a:3']);
      await consumer.ack(ids.get('a:3') ?? '');
      broker.restart({ losesAcks: true });
      expect(await take(() => consumer.receive(), 1)).toEqual(['a:3']);
    }));

  it('gives what a broken connection held to another consumer, and goes on serving the one that comes back', () =>
    onBroker(async ({ broker, join, publish, sleep }) => {
      const [first, second] = [await join('c1', 'shared'), await join('c2', 'shared')];
      await publish('a:1', 'a:2');
      broker.dropConnection(first);
      expect(new Set(await take(() => second.receive(), 2))).toEqual(new Set(['a:1', 'a:2']));
      const late = first.receive();
      await sleep(100);
      expect(broker.view('t', 's')[0]?.consumers).toHaveLength(2);
      await publish('b:1', 'b:2');
      expect((await late)?.properties.text).toMatch(/^b:/);
    }));

  it('gives a message back when its application holds it for too long', () =>
    onBroker(async ({ join, publish }) => {
      const consumer = await join('c1', 'key-shared', 1000);
      await publish('a:1');
      expect(await consumer.receive()).toMatchObject({ redeliveryCount: 0 });
      expect(await consumer.receive()).toMatchObject({ properties: { text: 'a:1' }, redeliveryCount: 1 });
    }));

  it('acknowledges everything up to a message where one consumer gets all, and refuses it elsewhere', () =>
    onBroker(async ({ broker, ids, join, publish }) => {
      const consumer = await join('c1', 'failover');
      await publish('a:1', 'a:2', 'a:3');
      await take(() => consumer.receive(), 3);
      await consumer.ackCumulative(ids.get('a:2') ?? '');
      expect(await broker.stats('t', 's')).toMatchObject({ backlog: 1 });
      await consumer.close();
      const shared = await join('c2', 'shared');
      await expect(shared.ackCumulative(ids.get('a:3') ?? '')).rejects.toMatchObject({ code: 'USAGE' });
    }));

  it('goes on behind the message that a consumer seeks, or at one of the ends', () =>
    onBroker(async ({ ids, join, publish }) => {
      const consumer = await join('c1', 'exclusive');
      await publish('a:1', 'a:2', 'a:3');
      await take(() => consumer.receive(), 3);
      await consumer.seek({ after: ids.get('a:1') ?? '' });
      expect(await take(() => consumer.receive(), 2)).toEqual(['a:2', 'a:3']);
      await consumer.seek('earliest');
      expect(await take(() => consumer.receive(), 1)).toEqual(['a:1']);
      await consumer.seek('latest');
      const next = consumer.receive();
      await publish('a:4');
      expect((await next)?.properties.text).toBe('a:4');
      await expect(consumer.seek({ after: '77:0:-1' })).rejects.toMatchObject({ code: 'USAGE' });
    }));

  it('lets a subscription’s cursor be set anew for all of its consumers', () =>
    onBroker(async ({ broker, join, publish }) => {
      const consumer = await join('c1', 'shared');
      await publish('a:1', 'a:2', 'a:3');
      await take(() => consumer.receive(), 3);
      broker.seek('t', 's', new Map([[-1, 1]]));
      expect(await take(() => consumer.receive(), 2)).toEqual(['a:2', 'a:3']);
      expect(() => broker.seek('t', 'nobody', 'earliest')).toThrow('subscription nobody');
    }));
});

describe('a reader of the embedded broker', () => {
  it('reads a log without a trace, from the earliest, the latest, or behind a message', () =>
    onBroker(async ({ broker, ids, publish }) => {
      await publish('a:1', 'a:2', 'a:3');
      const open = (from: 'earliest' | 'latest' | { readonly after: string }) =>
        broker.openReader({ topic: 't', readerName: 'r', from, receiverQueueSize: 2 });
      const whole = open('earliest');
      expect(await take(() => whole.readNext(), 3)).toEqual(['a:1', 'a:2', 'a:3']);
      expect(whole.hasNext()).toBe(false);
      const rest = open({ after: ids.get('a:2') ?? '' });
      expect(rest.hasNext()).toBe(true);
      expect(await take(() => rest.readNext(), 1)).toEqual(['a:3']);
      const tail = open('latest');
      const next = tail.readNext();
      await publish('a:4');
      expect((await next)?.properties.text).toBe('a:4');
      await whole.seek({ after: ids.get('a:1') ?? '' });
      expect(await take(() => whole.readNext(), 3)).toEqual(['a:2', 'a:3', 'a:4']);
      for (const reader of [whole, rest, tail]) await reader.close();
      expect(broker.viewLogs('t')[0]?.cursors.map(({ subscription }) => subscription)).toEqual(['s']);
      expect(await whole.readNext()).toBeNull();
      expect(() => open({ after: '9:9:9' })).toThrow('gets no message with the id 9:9:9');
    }));

  it('comes back to its place after an outage, in every partition', () =>
    onBroker(async ({ broker, publish }) => {
      await publish('a:1', 'b:1', 'c:1', 'd:1');
      const reader = broker.openReader({ topic: 't', readerName: 'r', from: 'earliest', receiverQueueSize: 5 });
      const seen = await take(() => reader.readNext(), 3);
      broker.restart({ losesAcks: true });
      await publish('a:2');
      seen.push(...(await take(() => reader.readNext(), 2)));
      expect(new Set(seen)).toEqual(new Set(['a:1', 'a:2', 'b:1', 'c:1', 'd:1']));
    }, 3));
});

describe('what ends before its time', () => {
  it('gives up what an admin skips and what expires', () =>
    onBroker(async ({ broker, publish, sleep }) => {
      await publish('a:1', 'a:2', 'a:3');
      broker.skip('t', 's', 1);
      expect((await broker.stats('t', 's')).backlog).toBe(2);
      expect(() => broker.skip('t', 's', -1)).toThrow('whole number');
      expect(() => broker.skip('t', 'nobody', null)).toThrow('subscription nobody of t does not exist');
      await sleep(1000);
      await publish('a:4');
      broker.expire('t', 's', 500);
      expect((await broker.stats('t', 's')).backlog).toBe(1);
      broker.skip('t', 's', null);
      expect((await broker.stats('t', 's')).backlog).toBe(0);
    }));

  it('skips a number of messages of one log only', () =>
    onBroker(async ({ broker, publish }) => {
      await publish('a:1', 'b:1');
      expect(() => broker.skip('t', 's', 1)).toThrow('Skip messages on a partitioned topic is not allowed');
      broker.skip('t', 's', null);
      expect((await broker.stats('t', 's')).backlog).toBe(0);
    }, 3));

  it('ends a subscription with its only consumer, and a topic that nobody uses', () =>
    onBroker(async ({ broker, join }) => {
      const [first, second] = [await join('c1', 'shared'), await join('c2', 'shared')];
      await expect(first.unsubscribe()).rejects.toMatchObject({ code: 'IN_USE' });
      await second.close();
      expect(() => broker.deleteSubscription('t', 's')).toThrow('Subscription has active connected consumers');
      await first.unsubscribe();
      expect(await first.receive()).toBe(null);
      expect(() => broker.view('t', 's')).toThrow('subscription s of t does not exist');
      broker.deleteTopic('t', { isForced: true });
      expect(() => broker.viewLogs('t')).toThrow('topic t does not exist');
    }));
});
