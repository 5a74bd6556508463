/** One instance of the user service, over a store that can be made to misbehave. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import { UserService } from '../../producers/user-service';
import { openEmbeddedEventStore } from '../../shared/adapters/embedded-event-store';
import { seededIds, seededRandom } from '../../shared/adapters/seeded-random';
import { OrderlabError } from '../../shared/errors';
import type { CommandRequest, UserCommand } from '../../shared/model/command';
import type { WriterSettings } from '../../shared/model/write-side';
import { CAREFUL, creating, crediting } from '../../shared/scenarios/command-rounds';
import type { EventStore } from '../../shared/write-ports';

interface Choice {
  readonly settings?: Partial<WriterSettings>;
  readonly store?: EventStore;
  /** Stands between the instance and the store. */
  readonly around?: (store: EventStore) => Partial<EventStore>;
  readonly writer?: string;
}

function open({ settings = {}, store: shared, around = () => ({}), writer = 'w1' }: Choice = {}) {
  const clock = openVirtualClock();
  const store = shared ?? openEmbeddedEventStore(clock);
  const random = seededRandom('5').stream('writer', writer);
  const seen: EventStore = { ...store, ...around(store) };
  const service = new UserService({
    ...{ writer, store: seen, clock, random, ids: seededIds(random), settings: { ...CAREFUL, ...settings } },
    ...{ fingerprint: (text) => text, reached: async () => {}, publish: async () => {} },
  });
  const submit = (command: UserCommand, choice: Partial<CommandRequest> = {}) => {
    const commandId = choice.commandId ?? `${command.type}-${command.user}`;
    return clock.run(
      service.handle({ ...{ commandId, requestKey: commandId, expectedVersion: null, command }, ...choice }),
    );
  };
  const log = async () =>
    (await store.readAfter(0, 100)).map(({ event }) => `${event.user} #${event.sequence} ${event.type}`);
  return { store, submit, log, clock };
}

/** The append takes place; its answer is lost the first `times` times. */
function losingAnswers(times: number) {
  let left = times;
  return (store: EventStore): Partial<EventStore> => ({
    append: async (append) => {
      const answer = await store.append(append);
      left -= 1;
      if (left >= 0) throw new OrderlabError('STORE_CONNECTION_LOST', { url: 'x', what: 'append' });
      return answer;
    },
  });
}

describe('an instance', () => {
  it('that lost an answer makes the same append again and meets no rival in it', async () => {
    const { submit, log } = open({ settings: { recordsRequests: false }, around: losingAnswers(3) });
    expect(await submit(creating('ada'))).toMatchObject({ sequence: 1, replayed: false });
    expect(await log()).toEqual(['ada #1 UserCreated']);
  });

  it('that never hears an answer says that nobody knows, and the next one finds out', async () => {
    const first = open({ around: losingAnswers(99) });
    await expect(first.submit(creating('ada'))).rejects.toMatchObject({ outcome: 'unknown' });
    const second = open({ store: first.store, writer: 'w2' });
    expect(await second.submit(creating('ada'))).toMatchObject({ sequence: 1, replayed: true });
    expect(await first.log()).toEqual(['ada #1 UserCreated']);
  });

  it('with an expected version takes its own lost attempt for no conflict', async () => {
    const { submit } = open({ around: losingAnswers(1) });
    await submit(creating('ada'));
    const { submit: ask } = open({ around: losingAnswers(1) });
    await ask(creating('ada'));
    expect(await ask(crediting('ada', 1), { expectedVersion: 1 })).toMatchObject({ sequence: 2 });
    expect(await ask(crediting('ada', 1), { expectedVersion: 1 })).toMatchObject({ sequence: 2, replayed: true });
    expect(await submit(crediting('ada', 1), { expectedVersion: 1 })).toMatchObject({ sequence: 2 });
  });

  it('that remembers an old version learns what it missed and decides again', async () => {
    const first = open();
    const second = open({ store: first.store, writer: 'w2' });
    await first.submit(creating('ada'));
    await second.submit(crediting('ada', 1), { commandId: 'other' });
    expect(await first.submit(crediting('ada', 2))).toMatchObject({ sequence: 3 });
    expect(await first.log()).toHaveLength(3);
  });

  it('refuses nothing on old knowledge', async () => {
    const first = open();
    const second = open({ store: first.store, writer: 'w2' });
    await expect(second.submit(crediting('ada', 1))).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await first.submit(creating('ada'));
    expect(await second.submit(crediting('ada', 1), { commandId: 'again' })).toMatchObject({ sequence: 2 });
  });

  it('refuses no version that it has not looked up, however sure it was', async () => {
    const first = open();
    const second = open({ store: first.store, writer: 'w2' });
    await first.submit(creating('ada'));
    await second.submit(crediting('ada', 1), { commandId: 'other' });
    const current = first.submit(crediting('ada', 2), { expectedVersion: 2 });
    expect(await current).toMatchObject({ sequence: 3 });
    await expect(first.submit(crediting('ada', 3), { commandId: 'late', expectedVersion: 2 })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      details: { user: 'ada', version: 3 },
    });
  });

  it('gives up after a bounded number of rivals, and nothing of the command is left', async () => {
    let rivals = 0;
    const { submit, store } = open({
      around: (inner) => ({
        append: async (append) => {
          rivals += 1;
          const id = `rival-${rivals}`;
          await inner.append({ ...append, event: { ...append.event, id }, request: null });
          return inner.append(append);
        },
      }),
    });
    await store.append({
      event: {
        id: 'e1',
        user: 'ada',
        sequence: 1,
        intendedAt: 0,
        schemaVersion: 1,
        type: 'UserCreated',
        data: { name: 'a', email: 'a@b' },
      },
      ...{ readVersion: 0, guard: 'expected', uniqueEmail: true, request: null, commandId: 'c', writer: 'w' },
    });
    await expect(submit(crediting('ada', 1))).rejects.toMatchObject({ code: 'CONTENDED', outcome: 'definite' });
    expect(rivals).toBe(64);
  });

  it('asked again after the record was pruned adds no second user', async () => {
    const { submit, clock, log } = open({ settings: { requestTtlMs: 10 } });
    await submit(creating('ada'));
    await clock.run(clock.sleep(20));
    await expect(submit(creating('ada'))).rejects.toMatchObject({ code: 'USER_EXISTS' });
    expect(await log()).toEqual(['ada #1 UserCreated']);
  });

  it('that refused a request decides anew when it comes again', async () => {
    const { submit } = open();
    await expect(submit(crediting('ada', 1))).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await submit(creating('ada'));
    expect(await submit(crediting('ada', 1))).toMatchObject({ sequence: 2, replayed: false });
  });

  it('reads once and then decides on what it remembers: one call a command', async () => {
    const calls: string[] = [];
    const { submit } = open({
      around: (store) => ({
        append: (append) => {
          calls.push('append');
          return store.append(append);
        },
        read: (...range) => {
          calls.push('read');
          return store.read(...range);
        },
      }),
    });
    await submit(creating('ada'));
    await submit(crediting('ada', 1));
    await submit(crediting('ada', 1), { commandId: 'more' });
    expect(calls).toEqual(['read', 'append', 'append', 'append']);
  });
});
