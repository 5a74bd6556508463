/** The relay: what was appended is published, in order, whatever becomes of relays and brokers. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { runRelay } from '../../producers/relay';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { OrderlabError } from '../../shared/errors';
import { RELAY } from '../../shared/model/append';
import type { Producer } from '../../shared/ports';
import { decodeEvent } from '../../shared/wire';
import type { EventStore } from '../../shared/write-ports';
import { creation, credit } from '../contract/event-store-contract';

interface Bench {
  readonly store: EventStore;
  readonly topic: string[];
  readonly relay: (name: string, fails?: () => boolean) => Promise<number>;
}

function openBench(): Bench {
  const clock = openVirtualClock();
  const store = openEmbeddedEventStore(clock);
  const topic: string[] = [];
  return {
    store,
    topic,
    relay: (producerName, fails = () => false) => {
      const producer: Producer = {
        send: async ({ payload }) => {
          if (fails()) throw new OrderlabError('CONNECTION_LOST', { what: 'a send', cause: 'test' });
          const { event } = decodeEvent(payload);
          topic.push(`${event?.user} #${event?.sequence}`);
          return `1:${topic.length}:-1`;
        },
        close: async () => {},
      };
      return clock.run(
        runRelay({
          ...{ store, producer, producerName, topic: 'users', clock, stop: { stopping: true } },
          ...{ recorder: { record: () => {} }, meter: { count: () => {} } },
        }),
      );
    },
  };
}

async function appendThree(store: EventStore): Promise<void> {
  await store.append(creation('ada'));
  await store.append(creation('bob'));
  await store.append(credit('ada', 1));
}

describe('a relay', () => {
  it('publishes what waits, in the order of the log, and remembers how far it has come', async () => {
    const { store, topic, relay } = openBench();
    await appendThree(store);
    expect(await relay('r1')).toBe(3);
    expect(topic).toEqual(['ada #1', 'bob #1', 'ada #2']);
    expect(await store.cursorOf(RELAY)).toBe(3);
    await store.append(credit('ada', 2));
    expect(await relay('r1')).toBe(1);
  });

  it('that is asked to stop just when the store forgets whose the work is, publishes what waits all the same', async () => {
    const clock = openVirtualClock();
    const store = openEmbeddedEventStore(clock, { keepsLog: true });
    await store.append(creation('ada'));
    const topic: string[] = [];
    const stop = { stopping: false };
    const forget = async (): Promise<void> => {
      store.restart(0);
      await store.append(creation('bob'));
      stop.stopping = true;
    };
    const send: Producer['send'] = async ({ payload }) => {
      topic.push(decodeEvent(payload).event?.user ?? '?');
      return `1:${topic.length}:-1`;
    };
    let sleeps = 0;
    const sleep = (ms: number) => (++sleeps === 1 ? forget() : clock.sleep(ms));
    await clock.run(
      runRelay({
        ...{ store, producer: { send, close: async () => {} }, producerName: 'r1', topic: 'users', stop },
        ...{ clock: { nowMs: () => clock.nowMs(), sleep }, recorder: { record: () => {} }, meter: { count: () => {} } },
      }),
    );
    expect(topic).toEqual(['ada', 'bob']);
  });

  it('that loses an answer sends the event again before anything newer of the user', async () => {
    const { store, topic, relay } = openBench();
    await appendThree(store);
    let failures = 2;
    await relay('r1', () => failures-- > 0);
    expect(topic.indexOf('ada #1')).toBeLessThan(topic.indexOf('ada #2'));
    expect(new Set(topic).size).toBe(3);
  });

  it('that cannot publish an event stays before it, so that the next one begins there', async () => {
    const { store, topic, relay } = openBench();
    await appendThree(store);
    expect(await relay('r1', () => true)).toBe(0);
    expect([topic, await store.cursorOf(RELAY)]).toEqual([[], 0]);
    expect(await relay('r1')).toBe(3);
  });

  it('that takes over repeats what its predecessor may have published, in order, and skips nothing', async () => {
    const { store, topic, relay } = openBench();
    await appendThree(store);
    await relay('r1');
    /** As if r1 had died between its publish and its cursor, and lost the hold. */
    const forgetful: EventStore = { ...store, cursorOf: async () => 0, hold: async () => true };
    const clock = openVirtualClock();
    const again: string[] = [];
    let reads = 0;
    const once: EventStore = {
      ...forgetful,
      readAfter: async (position, count) => (reads++ === 0 ? store.readAfter(position, count) : []),
    };
    await clock.run(
      runRelay({
        ...{ store: once, producerName: 'r2', topic: 'users', clock, stop: { stopping: true } },
        producer: {
          send: async ({ payload }) => {
            const { event } = decodeEvent(payload);
            again.push(`${event?.user} #${event?.sequence}`);
            return '1:1:-1';
          },
          close: async () => {},
        },
        ...{ recorder: { record: () => {} }, meter: { count: () => {} } },
      }),
    );
    expect(again).toEqual(topic);
    expect(await store.cursorOf(RELAY)).toBe(3);
  });

  it('leaves the work to whoever holds it', async () => {
    const { store, topic, relay } = openBench();
    await appendThree(store);
    await store.hold(RELAY, 'other', 60_000);
    expect(await relay('r1')).toBe(0);
    expect(topic).toEqual([]);
  });
});
