/** The head auditor beside an embedded store that goes back in time, on a clock that never waits. */
import { HeadAuditor } from '../../lab/head-auditor';
import { openEmbeddedStore } from '../../shared/adapters/embedded-store';
import { OrderlabError } from '../../shared/errors';
import type { HistoryBody } from '../../shared/model/history';
import type { EventLog } from '../../shared/ports';
import { apply, credited } from '../contract/store-samples';
import { SETTINGS } from '../support/stage';
import { until } from '../support/until';

const USERS = ['ada', 'grace'];
const EVENT_COUNT = 3;

function of(user: string, sequence: number) {
  return { ...credited(sequence, `${user}-${sequence}`), user };
}

/** A store that holds all events of the log, and an auditor that watches it. */
async function watched(onAudit: (count: number) => void = () => {}, everyMs?: number) {
  let nowMs = 0;
  const sleep = (ms: number) => {
    nowMs += ms;
    return new Promise<void>((resolve) => setImmediate(resolve));
  };
  const clock = { nowMs: () => nowMs, sleep };
  const store = openEmbeddedStore({ clock, journal: null, keepsLog: true });
  const next = (user: string, sequence: number) => store.execute(apply(of(user, sequence), { guard: 'next' }));
  for (const user of USERS) for (let sequence = 1; sequence <= EVENT_COUNT; sequence += 1) await next(user, sequence);
  let failures = 0;
  const heads = new Map<string, number>();
  const eventLog: EventLog = {
    async read(user, from, to) {
      return Array.from({ length: to - from + 1 }, (_, index) => ({ event: of(user, from + index), digest: 1 }));
    },
    async *heads() {
      failures -= 1;
      if (failures >= 0) throw new OrderlabError('CONNECTION_LOST', { what: 'the log', cause: 'a test' });
      yield* USERS.map((user) => ({ user, sequence: heads.get(user) ?? EVENT_COUNT }));
    },
  };
  const audits: HistoryBody[] = [];
  const recorder = {
    record: (body: HistoryBody) => {
      audits.push(body);
      onAudit(audits.length);
    },
  };
  const auditor = new HeadAuditor({
    store,
    eventLog,
    settings: { ...SETTINGS, owner: 'auditor' },
    recorder,
    clock,
    everyMs,
  });
  auditor.start();
  const versions = async () => {
    const found = new Map<string, number>();
    for await (const body of store.dump()) if (body.type === 'user') found.set(body.user, body.version);
    return USERS.map((user) => found.get(user) ?? 0);
  };
  const repaired = () => audits.map((body) => (body.type === 'audit' ? body.repairedCount : null));
  /** The log holds one more event than the store was ever given. */
  const forget = (user: string) => heads.set(user, EVENT_COUNT + 1);
  return { store, next, auditor, audits, repaired, versions, forget, failOnce: () => (failures = 1) };
}

describe('the head auditor of a run', () => {
  it('looks at nothing while the store stays the same', async () => {
    const { auditor, audits } = await watched();
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    auditor.abandon();
    expect(audits).toEqual([]);
  });

  it('looks twice after the store went back in time, and applies what is missing of users that stood still', async () => {
    const { store, auditor, audits, repaired, versions } = await watched();
    store.restart(0);
    await until('two looks', () => audits.length === 2);
    expect(repaired()).toEqual([0, 2 * EVENT_COUNT]);
    expect(audits[1]).toMatchObject({ generation: 2, userCount: 2, outOfStepCount: 2 });
    expect(await versions()).toEqual([EVENT_COUNT, EVENT_COUNT]);
    auditor.abandon();
  });

  it('looks again and again where it was told how often, and finds a tail that was lost without a trace', async () => {
    const { store, auditor, audits, repaired, versions, forget } = await watched(undefined, 10_000);
    await until('four looks at what is whole', () => audits.length >= 4);
    forget('grace');
    await until('a repair', () => repaired().includes(1));
    expect(store.generation).toBe(1);
    expect(await versions()).toEqual([EVENT_COUNT, EVENT_COUNT + 1]);
    auditor.abandon();
  });

  it('leaves users to their consumers who moved between the looks, until the end of the run', async () => {
    const told = await watched((count) => {
      if (count === 1) void told.next('grace', 1);
    });
    told.store.restart(0);
    await until('two looks', () => told.audits.length === 2);
    expect(await told.versions()).toEqual([EVENT_COUNT, 1]);
    await told.auditor.finish();
    expect(await told.versions()).toEqual([EVENT_COUNT, EVENT_COUNT]);
    expect(told.repaired()).toEqual([0, EVENT_COUNT, EVENT_COUNT - 1]);
  });

  it('makes an audit that failed again, also at the end', async () => {
    const { store, auditor, failOnce, repaired, versions } = await watched();
    failOnce();
    store.restart(0);
    await until('two looks', () => repaired().length === 2);
    store.restart(0);
    failOnce();
    await auditor.finish();
    expect(await versions()).toEqual([EVENT_COUNT, EVENT_COUNT]);
  });
});
