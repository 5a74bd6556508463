/** What every store promises that can be restarted: it says that it may have gone back in time, and what it forgot. */
import type { EffBody, StateBody } from '../../shared/model/history';
import { invariant } from '../../shared/model/invariant';
import type { Store } from '../../shared/ports';
import { apply, check, claim, created, credited, handler, USER } from './store-samples';

/** A store that holds nothing yet, on a server that may be killed. */
export interface RestartableStore {
  readonly store: Store;
  /** Kills the server and starts it again from this share of its log; resolves when the store answers again. */
  restart(keptShare: number): Promise<void>;
  /** All that the history was told, once nothing moves. Call it last. */
  journal(): Promise<readonly EffBody[]>;
  close(): Promise<void>;
}

/** Registers the suite. `open` gives an empty store each time. */
export function describeStoreRestart(name: string, open: () => Promise<RestartableStore>): void {
  describe(`a restart of the store ${name}`, () => {
    let current: RestartableStore | null = null;
    const opened = (): RestartableStore => {
      invariant(current !== null, 'a store is opened before each test');
      return current;
    };
    const store = () => opened().store;
    const next = (sequence: number, user = USER) =>
      store().execute(apply({ ...credited(sequence), user }, { guard: 'next', setsMarker: true }));
    const reach = async (version: number, user = USER) => {
      for (let sequence = 1; sequence <= version; sequence += 1) await next(sequence, user);
    };
    beforeEach(async () => {
      current = await open();
    });
    afterEach(() => opened().close());

    it('is told by the generation, which stays while the store does', async () => {
      expect(store().generation).toBe(1);
      await reach(3);
      expect(store().generation).toBe(1);
      await opened().restart(1);
      await opened().restart(1);
      expect(store().generation).toBe(3);
    });

    it('that kept everything forgets nothing, and says nothing again', async () => {
      await reach(3);
      await store().execute(handler('begin-handler', 'c1#1'));
      await opened().restart(1);
      await next(4);
      expect((await stateOf(store(), USER))?.version).toBe(4);
      const said = (await opened().journal()).map((body) => (body.type === 'effect' ? body.sequence : body.type));
      expect(said).toEqual([1, 2, 3, 'begin', 4]);
    });

    it('that kept nothing forgets states and keys: the next event finds a gap, and the first one is new', async () => {
      await reach(3);
      await opened().restart(0);
      expect(await next(4)).toMatchObject({ outcome: 'gap', version: 0 });
      expect(await store().execute(check('e1'))).toEqual({ outcome: 'absent' });
      await reach(2);
      expect((await opened().journal()).map(shortly)).toEqual([1, 2, 3, 'rollback 0', 1, 2]);
    });

    it('tells of users of whom nobody asks again', async () => {
      await reach(2);
      await reach(1, 'grace');
      await opened().restart(0);
      await reach(1);
      const journal = await opened().journal();
      expect(journal.filter(({ user }) => user === 'grace').map(shortly)).toEqual([1, 'rollback 0']);
      expect(journal.filter(({ user }) => user === USER).map(shortly)).toEqual([1, 2, 'rollback 0', 1]);
    });

    it('that lost a tail: what the history counts is what the store holds, user by user', async () => {
      const users = ['ada', 'grace', 'mary'];
      for (let sequence = 1; sequence <= 20; sequence += 1) {
        for (const user of users) await next(sequence, user);
      }
      await opened().restart(0.5);
      const versions = new Map<string, number>();
      for (const user of users) versions.set(user, (await stateOf(store(), user))?.version ?? 0);
      const kept = [...versions.values()].reduce((sum, version) => sum + version, 0);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(60);
      await next((versions.get('grace') ?? 0) + 1, 'grace');
      const journal = await opened().journal();
      for (const user of users) {
        const version = (versions.get(user) ?? 0) + (user === 'grace' ? 1 : 0);
        expect(standing(journal, user)).toEqual(Array.from({ length: version }, (_, index) => index + 1));
      }
    });

    it('does not leave half a step: an event has all of its effect or none', async () => {
      await store().execute(apply(created(), { setsMarker: true }));
      for (let sequence = 2; sequence <= 40; sequence += 1) await next(sequence);
      await opened().restart(0.37);
      const version = (await stateOf(store(), USER))?.version ?? 0;
      const keyOf = async (sequence: number) => (await store().execute(claim(`e${sequence}`))).outcome;
      expect([await keyOf(version), await keyOf(version + 1)]).toEqual(['present', 'absent']);
      expect((await stateOf(store(), USER))?.fields.balance).toBe(version - 1);
      expect(standing(await opened().journal(), USER)).toHaveLength(version);
    });
  });
}

/** An effect's sequence, or what else it is. */
function shortly(body: EffBody): number | string {
  if (body.type === 'effect') return body.sequence;
  return body.type === 'rollback' ? `rollback ${body.heldCount}` : body.type;
}

/** Sequences of the effects of a user that count in the end, in their order. */
function standing(journal: readonly EffBody[], user: string): readonly number[] {
  const own = journal.filter((body) => body.user === user);
  const since = own.findLastIndex(({ type }) => type === 'rollback');
  return own.slice(since + 1).flatMap((body) => (body.type === 'effect' ? [body.sequence] : []));
}

async function stateOf(store: Store, user: string): Promise<StateBody | undefined> {
  for await (const body of store.dump()) if (body.type === 'user' && body.user === user) return body;
  return undefined;
}
