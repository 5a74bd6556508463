/** What an event store promises that guards its incarnation: it accepts nothing before it was compared with the topic. */
import { seedWhereNeeded } from '../../producers/seeder';
import { RELAY } from '../../shared/model/append';
import type { UserEvent } from '../../shared/model/event';
import type { LogEntry } from '../../shared/model/message';
import { encodeEvent } from '../../shared/wire';
import type { EventStore } from '../../shared/write-ports';
import { creation, credit } from './event-store-contract';

export interface GuardedEventStore {
  readonly store: EventStore;
  /** The server is killed and starts again from this share (0..1) of its append-only log. */
  readonly restart: (keptShare: number) => Promise<void>;
}

const SHOWN = { authority: { shard: 's1', epoch: 1, isChecked: true } } as const;

/** A topic that holds these events. */
function brokerOf(events: readonly UserEvent[]) {
  return {
    async *readLog(): AsyncGenerator<LogEntry> {
      for (const [position, event] of events.entries()) {
        const place = { topic: 'users', partition: -1, position, messageId: `1:${position}:-1` };
        yield { ...place, key: event.user, properties: {}, payload: encodeEvent(event) };
      }
    },
  };
}

export function describeIncarnation(name: string, open: () => Promise<GuardedEventStore>): void {
  describe(`the event store ${name}, of another incarnation`, () => {
    const filled = async () => {
      const { store, restart } = await open();
      const seed = (events: readonly UserEvent[]) =>
        seedWhereNeeded({ store, broker: brokerOf(events), topic: 'users' });
      await seed([]);
      await store.grantEpoch('s1', 'w1');
      for (const asked of [creation('ada'), credit('ada', 1), creation('bob'), credit('ada', 2)])
        await store.append({ ...asked, ...SHOWN });
      const published = (await store.readAfter(0, 10)).map(({ event }) => event);
      await store.moveCursor(RELAY, published.length);
      return { store, restart, seed, published };
    };

    it('accepts and grants nothing before it is seeded, not even where it is new', async () => {
      const { store } = await open();
      expect(await store.append(creation('ada', SHOWN))).toEqual({ outcome: 'unseeded' });
      await expect(store.grantEpoch('s1', 'w1')).rejects.toMatchObject({ code: 'STORE_UNSEEDED', outcome: 'definite' });
      expect(await store.unseeded()).not.toBeNull();
      await store.close();
    });

    it('started empty, holds after its seeding what the topic holds, and gives no sequence twice', async () => {
      const { store, restart, seed, published } = await filled();
      await restart(0);
      expect(await store.append({ ...creation('ada', { id: 'again' }), ...SHOWN })).toEqual({ outcome: 'unseeded' });
      expect(await store.ownerOf('s1')).toBeNull();
      expect(await seed(published)).toBe(4);
      expect((await store.readAfter(0, 10)).map(({ event }) => event)).toEqual(published);
      expect(await store.append({ ...creation('ada', { id: 'again' }), ...SHOWN })).toMatchObject({
        outcome: 'stale-epoch',
      });
      const epoch = await store.grantEpoch('s1', 'w2');
      const shown = { authority: { shard: 's1', epoch, isChecked: true }, writer: 'w2' } as const;
      expect(await store.append({ ...creation('ada', { id: 'again' }), ...shown })).toMatchObject({ version: 3 });
      const mail = await store.append({ ...creation('eve', { email: 'ADA@example.org' }), ...shown });
      expect(mail).toEqual({ outcome: 'email-taken', by: 'ada' });
      expect(await store.append({ ...credit('ada', 3), ...shown })).toEqual({ outcome: 'appended', sequence: 4 });
      await store.close();
    });

    it('does not publish again what it was seeded with, and publishes what it had kept', async () => {
      const { store, restart, seed, published } = await filled();
      await restart(0);
      await seed(published);
      expect(await store.cursorOf(RELAY)).toBe(4);
      await store.append(credit('bob', 1));
      await restart(1);
      /** An event that nobody published yet, which the topic cannot know. */
      expect(await seed(published)).toBe(4);
      expect(await seed(published)).toBe(0);
      expect(await store.cursorOf(RELAY)).toBe(4);
      expect(await store.readAfter(4, 10)).toHaveLength(1);
      await store.close();
    });

    it('started again from all of its log, holds what it had accepted under an epoch, and who has it', async () => {
      const { store, restart, seed, published } = await filled();
      await restart(1);
      expect((await store.readAfter(0, 10)).map(({ event }) => event)).toEqual(published);
      await seed(published);
      expect(await store.ownerOf('s1')).toMatchObject({ owner: 'w1', epoch: 1 });
      await store.close();
    });

    it('is seeded with the tail that it lost, whatever the tail was', async () => {
      for (const keptShare of [0.3, 0.6, 0.9]) {
        const { store, restart, seed, published } = await filled();
        await restart(keptShare);
        await seed(published);
        for (const user of ['ada', 'bob']) {
          const events = (await store.read(user, 1, 10)).map(({ event }) => event);
          expect(events).toEqual(published.filter((event) => event.user === user));
        }
        await store.close();
      }
    });

    it('seeds from a topic that holds events twice, and refuses one with a hole', async () => {
      const { store, restart, seed, published } = await filled();
      await restart(0);
      const [created, credited, ...rest] = published as [UserEvent, UserEvent, ...UserEvent[]];
      await expect(seed([created, ...rest])).rejects.toMatchObject({ code: 'STORE_DATA_INVALID' });
      expect(await store.unseeded()).not.toBeNull();
      expect(await seed([created, created, credited, created, ...rest, ...rest])).toBeGreaterThan(0);
      expect(await store.unseeded()).toBeNull();
      await store.close();
    });

    it('is not seeded by who has seeded the one before it', async () => {
      const { store, restart } = await filled();
      await restart(1);
      const first = (await store.unseeded()) ?? '';
      await restart(1);
      await store.markSeeded(first);
      expect(await store.unseeded()).not.toBeNull();
      await store.close();
    });
  });
}
