/** The outbox in shares: one relay each, messages numbered by their place, so that what is sent twice is stored once. */
import { openVirtualClock, type VirtualClock } from '../../lab/conformance/virtual-clock';
import { LazyProducer } from '../../lab/lazy-producer';
import { type OutboxShare, runRelay } from '../../producers/relay';
import { shardOf } from '../../producers/shard';
import { openEmbeddedBroker } from '../../shared/adapters/embedded-broker';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { OrderlabError } from '../../shared/errors';
import { RELAY } from '../../shared/model/append';
import type { OutgoingMessage } from '../../shared/model/message';
import type { Broker, Producer } from '../../shared/ports';
import { decodeEvent } from '../../shared/wire';
import type { EventStore } from '../../shared/write-ports';
import { creation, credit } from '../contract/event-store-contract';

const SHARES = ['relay/shard-1', 'relay/shard-2'];
/** Of two shards `ada` is in one and `bob` in the other. */
const [ADA, BOB] = ['ada', 'bob'].map((user) => `relay/${shardOf(user, 2)}`);

function shareOf(subscriber: string, subscribers = SHARES): OutboxShare {
  const has: OutboxShare['has'] = ({ event: { user } }) => subscriber === `relay/${shardOf(user, subscribers.length)}`;
  return { subscriber, subscribers, has, isNumbered: true };
}

function openBench() {
  const clock = openVirtualClock();
  const store = openEmbeddedEventStore(clock);
  const broker = openEmbeddedBroker({ clock, deduplicationEnabled: true });
  const relay = (name: string, share: OutboxShare, choice: Partial<Relaying> = {}) =>
    runRelay({
      producer: choice.producer ?? new LazyProducer(() => broker.createProducer('users', share.subscriber)),
      ...{ store: choice.store ?? store, producerName: name, topic: 'users', clock, share },
      ...{ recorder: { record: () => {} }, meter: { count: () => {} }, stop: choice.stop ?? { stopping: true } },
      ...(choice.reached === undefined ? {} : { reached: choice.reached }),
    });
  return { clock, store, broker, relay };
}

interface Relaying {
  readonly store: EventStore;
  readonly producer: Producer;
  readonly stop: { stopping: boolean };
  readonly reached: () => Promise<void>;
}

async function published(broker: Broker, clock: VirtualClock): Promise<readonly string[]> {
  const found: string[] = [];
  const read = async () => {
    for await (const { payload } of broker.readLog('users')) {
      const { event } = decodeEvent(payload);
      found.push(`${event?.user} #${event?.sequence}`);
    }
  };
  await clock.run(read());
  return found;
}

async function appendFour(store: EventStore, broker: Broker): Promise<void> {
  await broker.createTopic('users', 0);
  for (const append of [creation('ada'), creation('bob'), credit('ada', 1), credit('bob', 1)])
    await store.append(append);
}

it('the users of these tests are in different shares', () => expect(new Set([ADA, BOB])).toEqual(new Set(SHARES)));

describe('a relay of a share', () => {
  it('publishes the events of its users, and the outbox has room again when all shares are through', async () => {
    const { clock, store, broker, relay } = openBench();
    await appendFour(store, broker);
    expect(await clock.run(relay('r1', shareOf(String(ADA))))).toBe(2);
    expect([await published(broker, clock), await store.cursorOf(RELAY)]).toEqual([['ada #1', 'ada #2'], 0]);
    expect(await clock.run(relay('r2', shareOf(String(BOB))))).toBe(2);
    expect(await store.cursorOf(RELAY)).toBe(4);
  });

  it('that died between send and note is repeated by the next one, and nothing of that is stored', async () => {
    const { clock, store, broker, relay } = openBench();
    await appendFour(store, broker);
    const share = shareOf('relay/shard-1', ['relay/shard-1']);
    const first = new LazyProducer(() => broker.createProducer('users', share.subscriber));
    const died = new Promise<void>((resolve) => {
      let arrivals = 0;
      const reached = async () => {
        arrivals += 1;
        if (arrivals < 2) return;
        await first.close();
        resolve();
        await new Promise(() => {});
      };
      void relay('r1', share, { producer: first, reached });
    });
    await clock.run(died);
    expect(await store.cursorOf(share.subscriber)).toBe(0);
    await store.append(credit('ada', 2));
    await clock.run(clock.sleep(1_000));
    expect(await clock.run(relay('r2', share))).toBe(5);
    expect(await published(broker, clock)).toEqual(['ada #1', 'bob #1', 'ada #2', 'bob #2', 'ada #3']);
  });

  it('sends nothing behind a message that failed, whosever it is: a number that is passed over is lost for ever', async () => {
    const { clock, store, broker, relay } = openBench();
    await appendFour(store, broker);
    const share = shareOf('relay/shard-1', ['relay/shard-1']);
    const inner = await broker.createProducer('users', share.subscriber);
    const numbers: number[] = [];
    let isDown = false;
    const producer: Producer = {
      send: async (message: OutgoingMessage) => {
        numbers.push(message.sequenceId ?? -1);
        if (numbers.length === 2) isDown = true;
        if (numbers.length === 5) isDown = false;
        if (isDown) throw new OrderlabError('CONNECTION_LOST', { what: 'a send', cause: 'test' });
        return inner.send(message);
      },
      close: () => inner.close(),
    };
    await clock.run(relay('r1', share, { producer }));
    expect(numbers).toEqual([1, 2, 2, 2, 2, 3, 4]);
    expect(await published(broker, clock)).toEqual(['ada #1', 'bob #1', 'ada #2', 'bob #2']);
  });

  it('that stood still steps down when the share was granted to another one', async () => {
    const { clock, store, broker, relay } = openBench();
    await broker.createTopic('users', 0);
    const share = shareOf('relay/shard-1', ['relay/shard-1']);
    const [first, second] = [{ stopping: false }, { stopping: false }];
    const one = relay('r1', share, { stop: first });
    await clock.run(clock.sleep(100));
    expect(await store.ownerOf(share.subscriber)).toEqual({ epoch: 1, owner: 'r1' });
    /** Its hold has run out meanwhile, and somebody else was granted the share. */
    await store.grantEpoch(share.subscriber, 'r2');
    await store.append(creation('ada'));
    const behind = relay('r3', share, { stop: second });
    await clock.run(clock.sleep(2_000));
    expect((await store.ownerOf(share.subscriber))?.epoch).toBeGreaterThan(2);
    first.stopping = true;
    second.stopping = true;
    await clock.run(Promise.all([one, behind]));
    expect(await published(broker, clock)).toEqual(['ada #1']);
  });
});

describe('a lazy producer', () => {
  const message: OutgoingMessage = { key: 'ada', payload: new Uint8Array(), properties: {} };

  it('opens at its first send, again after it was closed, and again where opening failed', async () => {
    const calls: string[] = [];
    let fails = true;
    const producer = new LazyProducer(async () => {
      calls.push('open');
      if (fails) throw new OrderlabError('PRODUCER_BUSY', { problem: 'test' });
      return { send: async () => '1:1:-1', close: async () => void calls.push('close') };
    });
    await producer.close();
    await expect(producer.send(message)).rejects.toMatchObject({ code: 'PRODUCER_BUSY' });
    fails = false;
    await Promise.all([producer.send(message), producer.send(message)]);
    await producer.close();
    await producer.close();
    await producer.send(message);
    expect(calls).toEqual(['open', 'open', 'close', 'open']);
  });
});
