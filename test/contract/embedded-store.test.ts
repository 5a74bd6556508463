import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import type { HistoryBody } from '../../shared/model/history';
import { describeStore } from './store-contract';
import { describeStoreRestart } from './store-restart-contract';

function openTimed() {
  const bodies: HistoryBody[] = [];
  let nowMs = 1_000;
  const clock = { nowMs: () => nowMs, sleep: () => Promise.reject(new Error('the store never sleeps')) };
  const store = openEmbeddedStore({ clock, journal: { record: (body) => bodies.push(body) }, keepsLog: true });
  return {
    store,
    journal: async () => bodies.flatMap((body) => (body.stream === 'Eff' ? [body] : [])),
    passMs: async (ms: number) => {
      nowMs += ms;
    },
  };
}

describeStore('embedded', async () => openTimed(), { journals: true, expiry: 'exact' });

describeStoreRestart('embedded', async () => {
  const { store, journal } = openTimed();
  return {
    ...{ store, journal, close: () => store.close() },
    restart: async (keptShare: number) => store.restart(keptShare),
  };
});

describe('the embedded store', () => {
  const begin = { name: 'begin-handler', user: 'ada', owner: 'c1#1' } as const;

  it('has changed and journalled before its caller hears of it', async () => {
    const { store, journal } = openTimed();
    const answers: string[] = [];
    const pending = store.execute(begin).then(({ outcome }) => answers.push(outcome));
    const journalled = journal();
    expect(answers).toEqual([]);
    expect(await journalled).toHaveLength(1);
    await pending;
    expect(answers).toEqual(['noted']);
  });

  it('loses the answers that it is told to lose, after it has done the work', async () => {
    const { store, journal } = openTimed();
    store.loseReplies('noted', 1);
    await expect(store.execute(begin)).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST', outcome: 'unknown' });
    expect(await journal()).toHaveLength(1);
    expect(await store.execute(begin)).toEqual({ outcome: 'noted' });
  });

  it('works without a journal', async () => {
    const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
    const store = openEmbeddedStore({ clock, journal: null });
    expect(await store.execute(begin)).toEqual({ outcome: 'noted' });
  });
});
