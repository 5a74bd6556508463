/** What every adapter of the EventStore port promises. Run by describeEventStore against each of them. */
import { APPEND_GUARDS, type Append, type AppendAnswer, RELAY } from '../../shared/model/append';
import { SCHEMA_VERSION, type UserEvent } from '../../shared/model/event';
import { invariant } from '../../shared/model/invariant';
import type { EventRef } from '../../shared/model/plan';
import type { EventStore } from '../../shared/write-ports';

export interface OpenedEventStore {
  readonly store: EventStore;
  /** Lets request records of this time to live be gone. */
  passMs(ms: number): Promise<void>;
}

const REQUEST = { key: 'tenant:k1', fingerprint: 'f1', ttlMs: null };

/** An append of a creation, at the version that was read. */
export function creation(
  user: string,
  choice: Partial<Append> & { readonly email?: string; readonly id?: string } = {},
): Append {
  const { email = `${user}@example.org`, id = `${user}-created`, readVersion = 0, ...rest } = choice;
  return appendOf({ id, user, type: 'UserCreated', data: { name: user, email } }, readVersion, rest);
}

/** An append of a credit of 1. */
export function credit(
  user: string,
  readVersion: number,
  choice: Partial<Append> & { readonly id?: string } = {},
): Append {
  const { id = `${user}-credit-${readVersion}`, ...rest } = choice;
  return appendOf({ id, user, type: 'UserCredited', data: { amount: 1 } }, readVersion, rest);
}

type Fact = UserEvent extends infer Event
  ? Event extends UserEvent
    ? Pick<Event, 'id' | 'user' | 'type' | 'data'>
    : never
  : never;

function appendOf(fact: Fact, readVersion: number, choice: Partial<Append>): Append {
  return {
    event: { ...fact, sequence: readVersion + 1, intendedAt: 5, schemaVersion: SCHEMA_VERSION } as UserEvent,
    ...{ readVersion, guard: 'expected', uniqueEmail: true, request: null, commandId: 'c-1', writer: 'w1' },
    ...choice,
  };
}

/** Registers the suite. `open` gives an empty store each time. */
export function describeEventStore(name: string, open: () => Promise<OpenedEventStore>): void {
  describe(`the event store ${name}`, () => {
    let opened: OpenedEventStore | null = null;
    const store = (): EventStore => {
      invariant(opened !== null, 'opened before each test');
      return opened.store;
    };
    const passMs = async (ms: number): Promise<void> => opened?.passMs(ms);
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened?.store.close());

    describeGuards(store);
    describeEmails(store);
    describeRequests(store, passMs);
    describeReading(store);
    describeSubscribers(store, passMs);
    describeAuthority(store);

    it('closed, refuses definitely, and closing twice is closing once', async () => {
      await store().close();
      await store().close();
      await expect(store().append(creation('ada'))).rejects.toMatchObject({ code: 'PORT_CLOSED', outcome: 'definite' });
    });
  });
}

function describeGuards(store: () => EventStore): void {
  it('appends at the expected version, and gives the next writer of the same version the version that won', async () => {
    expect(await store().append(creation('ada'))).toEqual({ outcome: 'appended', sequence: 1 });
    expect(await store().append(creation('ada', { id: 'other' }))).toEqual({ outcome: 'version-conflict', version: 1 });
    expect(await store().append(credit('ada', 1))).toEqual({ outcome: 'appended', sequence: 2 });
    expect(await store().append(credit('ada', 4))).toEqual({ outcome: 'version-conflict', version: 2 });
    expect(await sequencesIn(store(), 'ada')).toEqual([1, 2]);
  });

  it('lets one of many through that append at one version at once', async () => {
    await store().append(creation('ada'));
    const racing = Array.from({ length: 16 }, (_, index) => store().append(credit('ada', 1, { id: `racer-${index}` })));
    const outcomes = (await Promise.all(racing)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'version-conflict')).toHaveLength(15);
  });

  it('finds an append that is made again where it stands, and conflicts with no attempt of its own', async () => {
    await store().append(creation('ada'));
    expect(await store().append(creation('ada'))).toEqual({ outcome: 'appended', sequence: 1 });
    await store().append(credit('ada', 1));
    expect(await store().append(creation('ada'))).toEqual({ outcome: 'appended', sequence: 1 });
    expect(await store().readAfter(0, 10)).toHaveLength(2);
  });

  it('blind, gives the next number, whatever the writer had read', async () => {
    await store().append(creation('ada'));
    const answer = await store().append(credit('ada', 0, { guard: 'blind' }));
    expect(answer).toEqual({ outcome: 'appended', sequence: 2 });
    const [, second] = await store().readAfter(0, 10);
    expect(second).toMatchObject({ readVersion: 0, event: { sequence: 2, type: 'UserCredited' } });
  });

  it('unguarded, takes the number of the writer, and the stream forks', async () => {
    await store().append(creation('ada'));
    expect(await store().append(credit('ada', 0, { guard: 'unguarded' }))).toEqual({
      outcome: 'appended',
      sequence: 1,
    });
    const log = await store().readAfter(0, 10);
    expect(log.map(({ position, event }) => [position, event.sequence, event.id])).toEqual([
      [1, 1, 'ada-created'],
      [2, 1, 'ada-credit-0'],
    ]);
    expect(await headsOf(store())).toEqual([{ user: 'ada', sequence: 1 }]);
  });
}

function describeEmails(store: () => EventStore): void {
  it('gives an e-mail to one user, in whatever case it is written', async () => {
    await store().append(creation('ada', { email: 'A@Example.org' }));
    const second = await store().append(creation('eve', { email: 'a@example.ORG' }));
    expect(second).toEqual({ outcome: 'email-taken', by: 'ada' });
    expect(await headsOf(store())).toEqual([{ user: 'ada', sequence: 1 }]);
  });

  it('gives it to the next one once its user changed it, or is deleted', async () => {
    await store().append(creation('ada', { email: 'one@example.org' }));
    const change = { id: 'e2', user: 'ada', type: 'UserEmailChanged', data: { email: 'two@example.org' } } as const;
    expect(await store().append(appendOf(change, 1, {}))).toEqual({ outcome: 'appended', sequence: 2 });
    expect(await store().append(creation('eve', { email: 'two@example.org' }))).toMatchObject({ by: 'ada' });
    expect(await store().append(creation('eve', { email: 'one@example.org' }))).toMatchObject({ outcome: 'appended' });
    await store().append(appendOf({ id: 'e3', user: 'ada', type: 'UserDeleted', data: {} }, 2, {}));
    expect(await store().append(creation('bob', { email: 'two@example.org' }))).toMatchObject({ outcome: 'appended' });
  });

  it('looks at no index where e-mails need not be unique', async () => {
    await store().append(creation('ada', { email: 'same@example.org', uniqueEmail: false }));
    const second = await store().append(creation('eve', { email: 'same@example.org', uniqueEmail: false }));
    expect(second).toMatchObject({ outcome: 'appended' });
  });
}

function describeRequests(store: () => EventStore, passMs: (ms: number) => Promise<void>): void {
  it('answers a request that comes again as it answered it, wherever its stream has come to', async () => {
    await store().append(creation('ada', { request: REQUEST }));
    await store().append(credit('ada', 1));
    const again: AppendAnswer = await store().append(creation('ada', { request: REQUEST, id: 'new-id' }));
    expect(again).toEqual({ outcome: 'replayed', eventId: 'ada-created', sequence: 1 });
    expect(await store().requestOf(REQUEST.key)).toEqual({ fingerprint: 'f1', eventId: 'ada-created', sequence: 1 });
  });

  it('refuses a key that comes with another body, and knows no key of another principal', async () => {
    await store().append(creation('ada', { request: REQUEST }));
    const reused = await store().append(creation('eve', { request: { ...REQUEST, fingerprint: 'f2' } }));
    expect(reused).toEqual({ outcome: 'request-reused' });
    expect(await store().requestOf('other-tenant:k1')).toBeNull();
  });

  it('keeps no record of what it refused', async () => {
    await store().append(creation('ada'));
    await store().append(creation('ada', { id: 'late', request: REQUEST }));
    expect(await store().requestOf(REQUEST.key)).toBeNull();
  });

  it('forgets a record when its time is over, and the expected version still refuses the second creation', async () => {
    await store().append(creation('ada', { request: { ...REQUEST, ttlMs: 20 } }));
    await passMs(40);
    expect(await store().requestOf(REQUEST.key)).toBeNull();
    const late = await store().append(creation('ada', { id: 'late', request: { ...REQUEST, ttlMs: 20 } }));
    expect(late).toEqual({ outcome: 'version-conflict', version: 1 });
  });
}

function describeReading(store: () => EventStore): void {
  it('reads a stream forward between two sequences, and nothing beyond its end', async () => {
    await store().append(creation('ada'));
    for (const version of [1, 2, 3]) await store().append(credit('ada', version));
    expect(await sequencesIn(store(), 'ada', 2, 3)).toEqual([2, 3]);
    expect(await sequencesIn(store(), 'ada', 3, Number.MAX_SAFE_INTEGER)).toEqual([3, 4]);
    expect(await sequencesIn(store(), 'nobody')).toEqual([]);
  });

  it('gives events back as they were, with the digest of the bytes that are published', async () => {
    const odd = creation('ada', { id: 'id "sequence":9 ü', email: '"sequence":1@ü.org' });
    await store().append(odd);
    const [logged] = await store().read('ada', 1, 1);
    expect(logged?.event).toEqual(odd.event);
    const [entry] = await store().readAfter(0, 1);
    expect(entry).toMatchObject({ event: odd.event, commandId: 'c-1', writer: 'w1', readVersion: 0, position: 1 });
  });

  it('reads the log of all users from a position, in the order of commits', async () => {
    for (const user of ['ada', 'bob', 'eve']) await store().append(creation(user));
    const read = async (position: number, countMax: number) =>
      (await store().readAfter(position, countMax)).map(({ event }) => event.user);
    expect(await read(0, 2)).toEqual(['ada', 'bob']);
    expect(await read(2, 2)).toEqual(['eve']);
    expect(await read(3, 2)).toEqual([]);
  });

  it('lists the head of every stream', async () => {
    await store().append(creation('ada'));
    await store().append(credit('ada', 1));
    await store().append(creation('bob'));
    expect(await headsOf(store())).toEqual([
      { user: 'ada', sequence: 2 },
      { user: 'bob', sequence: 1 },
    ]);
  });
}

function describeSubscribers(store: () => EventStore, passMs: (ms: number) => Promise<void>): void {
  it('remembers how far each subscriber has come, and never moves one back', async () => {
    for (const user of ['ada', 'bob', 'eve']) await store().append(creation(user));
    expect(await store().cursorOf(RELAY)).toBe(0);
    await store().moveCursor(RELAY, 3);
    await store().moveCursor(RELAY, 2);
    await store().moveCursor('other', 1);
    expect([await store().cursorOf(RELAY), await store().cursorOf('other')]).toEqual([3, 1]);
  });

  it('moves nobody beyond the last entry: what comes later was published by nobody yet', async () => {
    await store().append(creation('ada'));
    await store().moveCursor(RELAY, 7);
    expect(await store().cursorOf(RELAY)).toBe(1);
  });

  it('lets one owner at a time hold a subscription, until its time is over', async () => {
    expect(await store().hold(RELAY, 'w1', 60_000)).toBe(true);
    expect(await store().hold(RELAY, 'w2', 60_000)).toBe(false);
    expect(await store().hold(RELAY, 'w1', 20)).toBe(true);
    await passMs(40);
    expect(await store().hold(RELAY, 'w2', 20)).toBe(true);
  });
}

function describeAuthority(store: () => EventStore): void {
  const shown = (epoch: number, isChecked = true) => ({ authority: { shard: 's 1', epoch, isChecked } });

  it('grants each shard epochs that rise by one, and knows who has it', async () => {
    expect(await store().ownerOf('s 1')).toBeNull();
    expect([await store().grantEpoch('s 1', 'w1'), await store().grantEpoch('s 1', 'w"2')]).toEqual([1, 2]);
    expect(await store().grantEpoch('s2', 'w1')).toBe(1);
    expect(await store().ownerOf('s 1')).toEqual({ epoch: 2, owner: 'w"2' });
    expect(await store().ownerOf('s2')).toEqual({ epoch: 1, owner: 'w1' });
  });

  it('gives no epoch twice, however many ask at once', async () => {
    const asking = Array.from({ length: 8 }, (_, index) => store().grantEpoch('s 1', `w${index}`));
    expect((await Promise.all(asking)).sort((left, right) => Number(left) - Number(right))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('refuses an append of the owner before, and appends that of the owner', async () => {
    const old = await store().grantEpoch('s 1', 'w1');
    expect(await store().append(creation('ada', shown(old)))).toEqual({ outcome: 'appended', sequence: 1 });
    const current = await store().grantEpoch('s 1', 'w2');
    expect(await store().append(credit('ada', 1, shown(old)))).toEqual({ outcome: 'stale-epoch', epoch: 2 });
    expect(await headsOf(store())).toEqual([{ user: 'ada', sequence: 1 }]);
    const taken = await store().append(credit('ada', 1, { ...shown(current), writer: 'w2' }));
    expect(taken).toEqual({ outcome: 'appended', sequence: 2 });
  });

  it('refuses one that was granted to somebody else, or by a store that has forgotten it', async () => {
    expect(await store().append(creation('ada', shown(3)))).toEqual({ outcome: 'stale-epoch', epoch: 0 });
    await store().grantEpoch('s 1', 'w2');
    expect(await store().append(creation('ada', shown(1)))).toEqual({ outcome: 'stale-epoch', epoch: 1 });
    expect(await store().append(creation('ada', shown(2)))).toEqual({ outcome: 'stale-epoch', epoch: 1 });
    expect(await store().readAfter(0, 10)).toEqual([]);
  });

  it.each(APPEND_GUARDS)('checks the epoch under the guard %s', async (guard) => {
    await store().grantEpoch('s 1', 'w1');
    await store().grantEpoch('s 1', 'w2');
    expect(await store().append(creation('ada', { ...shown(1), guard }))).toMatchObject({ outcome: 'stale-epoch' });
  });

  it('tells who lost its shard what became of an append that it had made before', async () => {
    const old = await store().grantEpoch('s 1', 'w1');
    await store().append(creation('ada', shown(old)));
    await store().append(creation('bob', { ...shown(old), request: REQUEST }));
    await store().grantEpoch('s 1', 'w2');
    expect(await store().append(creation('ada', shown(old)))).toEqual({ outcome: 'appended', sequence: 1 });
    const again = await store().append(creation('bob', { ...shown(old), request: REQUEST }));
    expect(again).toMatchObject({ outcome: 'replayed', eventId: 'bob-created' });
  });

  it('refuses the late before it tells them of a conflict: a new decision would not help them', async () => {
    const old = await store().grantEpoch('s 1', 'w1');
    await store().append(creation('ada', shown(old)));
    await store().grantEpoch('s 1', 'w2');
    const late = await store().append(creation('ada', { ...shown(old), id: 'late' }));
    expect(late).toEqual({ outcome: 'stale-epoch', epoch: 2 });
  });

  it('writes an epoch down that it does not check, and none where none is shown', async () => {
    await store().append(creation('ada', shown(7, false)));
    await store().append(creation('bob'));
    const [ada, bob] = await store().readAfter(0, 10);
    expect(ada).toMatchObject({ authority: { shard: 's 1', epoch: 7 } });
    expect(bob?.authority).toBeUndefined();
  });

  it('remembers the grants in their order, each behind the entries that were there', async () => {
    const old = await store().grantEpoch('s 1', 'w1');
    await store().append(creation('ada', shown(old)));
    await store().grantEpoch('s2', 'w"2');
    await store().grantEpoch('s 1', 'w"2');
    expect(await store().grants()).toEqual([
      { shard: 's 1', epoch: 1, owner: 'w1', after: 0 },
      { shard: 's2', epoch: 1, owner: 'w"2', after: 1 },
      { shard: 's 1', epoch: 2, owner: 'w"2', after: 1 },
    ]);
  });
}

async function sequencesIn(store: EventStore, user: string, from = 1, to = 1_000): Promise<readonly number[]> {
  return (await store.read(user, from, to)).map(({ event }) => event.sequence);
}

async function headsOf(store: EventStore): Promise<readonly EventRef[]> {
  const heads: EventRef[] = [];
  for await (const head of store.heads()) heads.push(head);
  return heads.sort((left, right) => (left.user < right.user ? -1 : 1));
}
