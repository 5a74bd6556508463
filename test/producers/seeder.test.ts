/** What a seeder makes of a store or a broker that cannot be asked; what it appends is the contract of the event store. */
import { isSeededBy } from '../../producers/seeder';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { OrderlabError } from '../../shared/errors';
import type { LogEntry } from '../../shared/model/message';
import { encodeEvent } from '../../shared/wire';
import { creation, credit } from '../contract/event-store-contract';

const clock = { nowMs: () => 0, sleep: () => Promise.reject(new Error('nobody waits here')) };

function entryOf({ event }: ReturnType<typeof creation>, position: number): LogEntry {
  const place = { topic: 'users', partition: -1, position, messageId: `1:${position}:-1`, properties: {} };
  return { ...place, key: event.user, payload: encodeEvent(event) };
}

const ENTRIES = [creation('ada'), credit('ada', 1)].map(entryOf);

it('leaves a broker that breaks in the middle to the next round, which finds what is appended and goes on', async () => {
  const store = openEmbeddedEventStore(clock, { guardsIncarnation: true });
  let reads = 0;
  const broker = {
    async *readLog(): AsyncGenerator<LogEntry> {
      reads += 1;
      yield* ENTRIES.slice(0, reads);
      if (reads === 1) throw new OrderlabError('CONNECTION_LOST', { what: 'reading', cause: 'cut' });
    },
  };
  expect(await isSeededBy({ store, broker, topic: 'users' })).toBe(false);
  expect(await store.unseeded()).not.toBeNull();
  expect(await isSeededBy({ store, broker, topic: 'users' })).toBe(true);
  expect((await store.readAfter(0, 9)).map(({ event }) => event.sequence)).toEqual([1, 2]);
  expect(await isSeededBy({ store, broker, topic: 'users' })).toBe(true);
  expect(reads).toBe(2);
});

it('does not try a topic again that has a hole', async () => {
  const store = openEmbeddedEventStore(clock, { guardsIncarnation: true });
  const broker = {
    async *readLog(): AsyncGenerator<LogEntry> {
      yield* ENTRIES.slice(1);
    },
  };
  await expect(isSeededBy({ store, broker, topic: 'users' })).rejects.toMatchObject({ code: 'STORE_DATA_INVALID' });
});
