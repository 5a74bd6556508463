/** What every adapter of the Store port promises. Run by describeStore against each of them. */
import { OrderlabError } from '../../shared/errors';
import type { StoreAnswer, StoreOperation } from '../../shared/model/action';
import type { EffBody, MarkerBody, QuarantineBody, StateBody } from '../../shared/model/history';
import { invariant } from '../../shared/model/invariant';
import type { Store } from '../../shared/ports';
import {
  apply,
  applyExpiring,
  biography,
  check,
  claim,
  created,
  credited,
  effect,
  GUARD_ROWS,
  handler,
  markerBody,
  quarantine,
  TTL_MS,
  USER,
} from './store-samples';

/** What one adapter promises beyond the port's own words. */
export interface StorePromises {
  /** Effects, begins and ends are readable by `OpenedStore.journal` in the order in which they took place. */
  readonly journals: boolean;
  /** exact: a key is there until the last millisecond before its time. coarse: it is gone some time after it. */
  readonly expiry: 'exact' | 'coarse';
}

/** A store that holds nothing yet. */
export interface OpenedStore {
  readonly store: Store;
  /** What the store journalled so far. */
  journal(): Promise<readonly EffBody[]>;
  /** Lets this much time pass on the store's clock. */
  passMs(ms: number): Promise<void>;
}

type Dumped = StateBody | QuarantineBody | MarkerBody;

/** Registers the suite. `open` gives an empty store each time. */
export function describeStore(name: string, open: () => Promise<OpenedStore>, promises: StorePromises): void {
  describe(`the store ${name}`, () => {
    const bench = new Bench(open);
    beforeEach(() => bench.open());
    afterEach(() => bench.opened.store.close());

    describeApply(bench);
    describeGuards(bench);
    describeMarkers(bench);
    describeExpiry(bench, promises);
    if (promises.journals) describeJournal(bench);
    describeDump(bench);

    it('a closed store refuses definitely, and closing twice is closing once', async () => {
      await bench.opened.store.close();
      await bench.opened.store.close();
      const refusal: unknown = await bench.execute(check('e1')).catch((thrown: unknown) => thrown);
      expect(refusal).toBeInstanceOf(OrderlabError);
      expect(refusal).toMatchObject({ code: 'PORT_CLOSED', outcome: 'definite' });
    });
  });
}

function describeApply(bench: Bench): void {
  describe('apply', () => {
    it('changes fields, version, last event and chain in one step', async () => {
      expect(await bench.execute(apply(created()))).toEqual({ outcome: 'applied', version: 0, markerPresent: false });
      expect(await bench.stateOf(USER)).toEqual({
        stream: 'State',
        type: 'user',
        user: USER,
        fields: { name: 'Ada', email: 'ada@example.org', balance: 0, deleted: false },
        version: 1,
        lastEventId: 'e1',
        chain: 1 + 1,
      });
    });

    it('does all of it or none of it, however many calls are under way', async () => {
      const calls = Array.from({ length: 40 }, (_, index) =>
        bench.execute(apply(credited((index % 10) + 1), { guard: 'next' })),
      );
      const answers = await Promise.all(calls);
      const applied = answers.filter((answer) => answer.outcome === 'applied').length;
      const state = await bench.stateOf(USER);
      expect(state).toMatchObject({ version: applied, fields: { balance: applied } });
      expect(applied).toBeGreaterThan(0);
    });

    it('folds every event type', async () => {
      for (const event of biography()) await bench.execute(apply(event));
      expect((await bench.stateOf(USER))?.fields).toEqual({ name: null, email: null, balance: -7, deleted: true });
    });

    it('moves version and chain but no field for an event that this context does not listen to', async () => {
      await bench.reach(1);
      const before = await bench.stateOf(USER);
      await bench.execute(apply(credited(2), { changesModel: false }));
      expect(await bench.stateOf(USER)).toMatchObject({ fields: before?.fields, version: 2, lastEventId: 'e2' });
      expect((await bench.stateOf(USER))?.chain).not.toBe(before?.chain);
    });

    it('keeps users apart', async () => {
      await bench.reach(3);
      await bench.execute(apply({ ...created(), user: 'grace' }));
      expect(await bench.stateOf(USER)).toMatchObject({ version: 3 });
      expect(await bench.stateOf('grace')).toMatchObject({ version: 1 });
    });

    it('computes the chain of a large digest without loss', async () => {
      await bench.execute(apply(credited(1), { digest: 2 ** 31 - 1 }));
      await bench.execute(apply(credited(2), { digest: 2 ** 31 - 2 }));
      expect((await bench.stateOf(USER))?.chain).toBe(1_000_003);
    });
  });
}

function describeGuards(bench: Bench): void {
  describe('a guard', () => {
    it.each(GUARD_ROWS)('guard $guard at version 2 answers $outcome to $what', async (row) => {
      await bench.reach(2);
      const before = await bench.stateOf(USER);
      const answer = await bench.execute(apply(row.event, { guard: row.guard }));
      expect(answer).toEqual({ outcome: row.outcome, version: 2, markerPresent: false });
      const after = await bench.stateOf(USER);
      if (row.outcome === 'applied') expect(after?.version).toBe(row.event.sequence);
      else expect(after).toEqual(before);
    });
  });
}

function describeMarkers(bench: Bench): void {
  describe('idempotency keys', () => {
    it('claiming sets an absent key once: of any number of claimants one wins', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => bench.execute(claim('e1'))));
      expect(answers.filter((answer) => answer.outcome === 'absent')).toHaveLength(1);
      expect(answers.filter((answer) => answer.outcome === 'present')).toHaveLength(7);
    });

    it('checking changes nothing', async () => {
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'absent' });
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'absent' });
      await bench.execute(claim('e1'));
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'present' });
      expect(await bench.execute(check('e2'))).toEqual({ outcome: 'absent' });
    });

    it('setting answers present whether the key was there or not', async () => {
      expect(await bench.execute({ ...claim('e1'), name: 'set-marker' })).toEqual({ outcome: 'present' });
      expect(await bench.execute({ ...claim('e1'), name: 'set-marker' })).toEqual({ outcome: 'present' });
      expect(await bench.dump()).toEqual([markerBody('e1', 1)]);
    });

    it('guard marker applies and sets the key together, then answers duplicate', async () => {
      const call = apply(credited(1), { guard: 'marker', setsMarker: true });
      expect(await bench.execute(call)).toEqual({ outcome: 'applied', version: 0, markerPresent: false });
      expect(await bench.execute(call)).toEqual({ outcome: 'duplicate', version: 1, markerPresent: true });
      expect((await bench.stateOf(USER))?.fields.balance).toBe(1);
      expect(await bench.markerIds()).toEqual(['e1']);
    });

    it('a refused apply sets no key', async () => {
      await bench.execute(apply(credited(2), { guard: 'next', setsMarker: true }));
      await bench.reach(2);
      await bench.execute(apply(credited(1), { guard: 'next', setsMarker: true }));
      expect(await bench.markerIds()).toEqual([]);
    });

    it('where sequence and key disagree the sequence wins and the answer shows the key', async () => {
      await bench.execute(claim('e1'));
      const call = apply(credited(1), { guard: 'next', setsMarker: true });
      expect(await bench.execute(call)).toEqual({ outcome: 'applied', version: 0, markerPresent: true });
      expect(await bench.execute(call)).toEqual({ outcome: 'duplicate', version: 1, markerPresent: true });
    });
  });
}

function describeExpiry(bench: Bench, promises: StorePromises): void {
  describe('an idempotency key with a time to live', () => {
    it.each(['claim-marker', 'set-marker', 'apply'] as const)('a key that %s has set expires in time', async (by) => {
      await bench.execute(by === 'apply' ? applyExpiring() : { ...claim('e1'), name: by, ttlMs: TTL_MS });
      if (promises.expiry === 'exact') await bench.opened.passMs(TTL_MS - 1);
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'present' });
      await bench.opened.passMs(promises.expiry === 'exact' ? 1 : TTL_MS * 2);
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'absent' });
      expect(await bench.markerIds()).toEqual([]);
    });

    it('once a key has expired, guard marker applies the event again', async () => {
      await bench.execute(applyExpiring());
      await bench.opened.passMs(TTL_MS * 2);
      expect((await bench.execute(applyExpiring())).outcome).toBe('applied');
      expect((await bench.stateOf(USER))?.fields.balance).toBe(2);
    });

    it('a key without a time to live stays', async () => {
      await bench.execute(claim('e1'));
      await bench.opened.passMs(TTL_MS * 4);
      expect(await bench.execute(check('e1'))).toEqual({ outcome: 'present' });
    });
  });
}

function describeJournal(bench: Bench): void {
  describe('the journal', () => {
    it('holds one effect for each applied event, in order, with the versions that it met', async () => {
      await bench.execute(apply(credited(2)));
      await bench.execute(apply(credited(2), { guard: 'newer' }));
      await bench.execute(apply(credited(1), { changesModel: false, owner: 'c2#1' }));
      const effects = (await bench.opened.journal()).filter((body) => body.type === 'effect');
      expect(effects).toEqual([
        effect({ sequence: 2, eventId: 'e2', versionBefore: 0, versionAfter: 2, digest: 2, chain: 3 }),
        effect({
          sequence: 1,
          eventId: 'e1',
          versionBefore: 2,
          versionAfter: 1,
          digest: 1,
          chain: 3 * 1_000_003 + 2,
          changedModel: false,
          owner: 'c2#1',
        }),
      ]);
    });

    it('shows at each begin which other owners had begun and not ended', async () => {
      await bench.execute(handler('begin-handler', 'c1#1'));
      await bench.execute(handler('begin-handler', 'c2#1'));
      await bench.execute(handler('begin-handler', 'c2#1'));
      await bench.execute(handler('end-handler', 'c1#1'));
      await bench.execute(handler('begin-handler', 'c3#1'));
      await bench.execute({ ...handler('begin-handler', 'c1#1'), user: 'grace' });
      const begins = (await bench.opened.journal()).flatMap((body) => (body.type === 'begin' ? [body.open] : []));
      expect(begins).toEqual([[], ['c1#1'], ['c1#1'], ['c2#1'], []]);
    });

    it('tells who ends that another owner began meanwhile, and nobody who began after all others', async () => {
      await bench.execute(handler('begin-handler', 'c1#1'));
      await bench.execute(handler('begin-handler', 'c2#1'));
      expect(await bench.execute(handler('end-handler', 'c1#1'))).toEqual({ outcome: 'overlapped' });
      expect(await bench.execute(handler('end-handler', 'c2#1'))).toEqual({ outcome: 'noted' });
      await bench.execute(handler('begin-handler', 'c1#1'));
      expect(await bench.execute(handler('end-handler', 'c1#1'))).toEqual({ outcome: 'noted' });
    });

    it('blames nobody for an owner that died long before and never ended', async () => {
      await bench.execute(handler('begin-handler', 'dead#1'));
      await bench.execute(handler('begin-handler', 'c2#1'));
      expect(await bench.execute(handler('end-handler', 'c2#1'))).toEqual({ outcome: 'noted' });
      expect(await bench.execute(handler('end-handler', 'c3#1'))).toEqual({ outcome: 'noted' });
    });

    it('notes an end, even of a handler that never began', async () => {
      expect(await bench.execute(handler('end-handler', 'c1#1'))).toEqual({ outcome: 'noted' });
      expect(await bench.opened.journal()).toEqual([{ stream: 'Eff', type: 'end', user: USER, owner: 'c1#1' }]);
    });
  });
}

function describeDump(bench: Bench): void {
  describe('dump', () => {
    it('of a store that has heard of nobody is empty', async () => {
      expect(await bench.dump()).toEqual([]);
    });

    it('has no state for a user to whom nothing was applied', async () => {
      await bench.execute(handler('begin-handler', 'c1#1'));
      await bench.execute(apply(credited(2), { guard: 'next' }));
      await bench.execute(check('e1'));
      expect(await bench.dump()).toEqual([]);
    });

    it('keeps a quarantined message once, with its first reason', async () => {
      await bench.execute(quarantine('1:0:-1', 'not-json'));
      await bench.execute(quarantine('1:1:-1', 'unknown-type'));
      expect(await bench.execute(quarantine('1:0:-1', 'invalid'))).toEqual({ outcome: 'noted' });
      const kept = { stream: 'State', type: 'quarantined', user: USER };
      expect(await bench.dump()).toEqual([
        { ...kept, messageId: '1:0:-1', reason: 'not-json' },
        { ...kept, messageId: '1:1:-1', reason: 'unknown-type' },
      ]);
    });

    it('gives state, quarantine and keys, user by user', async () => {
      await bench.execute(apply(credited(1), { setsMarker: true }));
      await bench.execute(quarantine('1:9:-1', 'not-json'));
      await bench.execute(apply({ ...created(), user: 'grace' }, { setsMarker: true }));
      const bodies = await bench.dump();
      expect(bodies.filter((body) => body.user === USER).map((body) => body.type)).toEqual([
        'user',
        'quarantined',
        'marker',
      ]);
      expect(bodies.filter((body) => body.user === 'grace').map((body) => body.type)).toEqual(['user', 'marker']);
      expect(bodies).toContainEqual(markerBody('e1', 1));
    });

    it('gives every state before the first key, so that who needs no key can stop there', async () => {
      for (const user of ['ada', 'grace', 'mary']) {
        await bench.execute(apply({ ...created(), user }, { setsMarker: true }));
      }
      const types = (await bench.dump()).map((body) => body.type);
      expect(types).toEqual(['user', 'user', 'user', 'marker', 'marker', 'marker']);
    });
  });
}

/** One empty store for each test, with what the tests ask it. */
class Bench {
  private current: OpenedStore | null = null;

  constructor(private readonly opener: () => Promise<OpenedStore>) {}

  get opened(): OpenedStore {
    invariant(this.current !== null, 'a store is opened before each test');
    return this.current;
  }

  async open(): Promise<void> {
    this.current = await this.opener();
  }

  execute(operation: StoreOperation): Promise<StoreAnswer> {
    return this.opened.store.execute(operation);
  }

  async dump(): Promise<readonly Dumped[]> {
    const bodies: Dumped[] = [];
    for await (const body of this.opened.store.dump()) bodies.push(body);
    return bodies;
  }

  async stateOf(user: string): Promise<StateBody | undefined> {
    const bodies = await this.dump();
    return bodies.find((body): body is StateBody => body.type === 'user' && body.user === user);
  }

  async markerIds(): Promise<readonly string[]> {
    return (await this.dump()).flatMap((body) => (body.type === 'marker' ? [body.eventId] : []));
  }

  /** Applies events 1 to `version`. */
  async reach(version: number): Promise<void> {
    for (let sequence = 1; sequence <= version; sequence += 1) await this.execute(apply(credited(sequence)));
  }
}
