/** The head audit over the embedded parts, with tails that consumers really lost. */
import { type AuditOptions, auditHeads, type HeadAudit, isRepaired } from '../../consumers/auditor';
import { REPAIR_EVENT_COUNT_MAX } from '../../consumers/strategies/step-action';
import { openLogIndex } from '../../shared/adapters/log-index';
import type { UserEvent, UserFields } from '../../shared/model/event';
import { foldOfEvents } from '../support/log-fold';
import { ProjectorBench } from '../support/projector-bench';
import { SETTINGS } from '../support/stage';
import { credits } from '../support/user-event';

const TAIL = { user: 'u-1', sequence: 4 };

function audit(bench: ProjectorBench, choice: Partial<AuditOptions> = {}): Promise<HeadAudit> {
  const eventLog = openLogIndex(bench.broker, bench.topic);
  const settings = { ...SETTINGS, owner: 'auditor' };
  return auditHeads({ store: bench.store, eventLog, settings, fix: false, ...choice });
}

async function modelOf(bench: ProjectorBench): Promise<ReadonlyMap<string, UserFields>> {
  const users = new Map<string, UserFields>();
  for await (const body of bench.store.dump()) if (body.type === 'user') users.set(body.user, body.fields);
  return users;
}

/** Three users with four events each; the consumer dies between the acknowledgement and the effect of the last of one. */
async function loseTail(): Promise<{ readonly bench: ProjectorBench; readonly events: readonly UserEvent[] }> {
  const bench = await ProjectorBench.open();
  const events = credits(12, 3);
  await bench.publish(events);
  await bench.project({ strategy: 'ack-first', dies: { at: 'before:apply', event: TAIL } });
  return { bench, events };
}

describe('the head audit', () => {
  it('finds every user in step after a clean run, and writes nothing', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(12, 3));
    await bench.project({ strategy: 'version-next-repair' });
    const before = bench.effects.length;
    expect(await audit(bench, { fix: true })).toMatchObject({ userCount: 3, findings: [], appliedCount: 0 });
    expect(bench.effects).toHaveLength(before);
  });

  it('finds a tail that was acknowledged and never applied, which no later event shows', async () => {
    const { bench } = await loseTail();
    const { userCount, findings } = await audit(bench);
    expect(await bench.backlog()).toBe(0);
    expect(userCount).toBe(3);
    expect(findings).toEqual([{ kind: 'behind', user: 'u-1', version: 3, head: 4, reached: 3 }]);
    expect(findings.filter(isRepaired)).toEqual([]);
  });

  it('leaves users alone who have moved since they were looked at before', async () => {
    const { bench } = await loseTail();
    const moved = await audit(bench, { fix: true, onlyStillAt: new Map([['u-1', 2]]) });
    expect(moved.findings).toEqual([{ kind: 'behind', user: 'u-1', version: 3, head: 4, reached: 3 }]);
    expect(moved.appliedCount).toBe(0);
    const quiet = await audit(bench, { fix: true, onlyStillAt: new Map([['u-1', 3]]) });
    expect(quiet.findings.every(isRepaired)).toBe(true);
  });

  it('repairs a lost tail, after which the model is the fold of the log and nothing is left to find', async () => {
    const { bench, events } = await loseTail();
    const { findings, appliedCount } = await audit(bench, { fix: true });
    expect(findings).toEqual([{ kind: 'behind', user: 'u-1', version: 3, head: 4, reached: 4 }]);
    expect(findings.every(isRepaired)).toBe(true);
    expect(appliedCount).toBe(1);
    expect(await modelOf(bench)).toEqual(foldOfEvents(events));
    expect(bench.effects.at(-1)).toMatchObject({ ...TAIL, owner: 'auditor', versionBefore: 3 });
    expect(await audit(bench)).toMatchObject({ findings: [] });
  });

  it('repairs an empty store from the log, user by user, however much is missing', async () => {
    const bench = await ProjectorBench.open();
    const events = credits(REPAIR_EVENT_COUNT_MAX * 2 + 2, 2);
    await bench.publish(events);
    const { findings, appliedCount } = await audit(bench, { fix: true });
    expect(appliedCount).toBe(events.length);
    expect(findings.every(isRepaired)).toBe(true);
    expect(await modelOf(bench)).toEqual(foldOfEvents(events));
  });

  it('reports a model that is ahead of its log, and does not touch it', async () => {
    const { bench } = await loseTail();
    const ghost = credits(5, 1)[4];
    if (ghost === undefined) throw new Error('five events were made');
    const lost = { ...ghost, user: 'u-2' };
    const stranger = { ...ghost, user: 'nobody', sequence: 1 };
    for (const event of [lost, stranger]) await bench.applyUnseen(event);
    const before = await modelOf(bench);
    const { findings } = await audit(bench, { fix: true });
    const ahead = findings.filter(({ kind }) => kind === 'ahead');
    expect(ahead).toEqual([
      { kind: 'ahead', user: 'u-2', version: 5, head: 4 },
      { kind: 'ahead', user: 'nobody', version: 1, head: 0 },
    ]);
    expect(ahead.filter(isRepaired)).toEqual([]);
    const after = await modelOf(bench);
    for (const { user } of ahead) expect(after.get(user)).toEqual(before.get(user));
  });

  it('repairs up to a hole of the log and names the event that is missing there', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(6, 1).filter(({ sequence }) => sequence !== 3));
    const gap = { kind: 'gap', user: 'u-0', version: 0, head: 6, missing: 3 };
    expect((await audit(bench)).findings).toEqual([{ ...gap, reached: 0 }]);
    const { findings, appliedCount } = await audit(bench, { fix: true });
    expect(findings).toEqual([{ ...gap, reached: 2 }]);
    expect(appliedCount).toBe(2);
    expect(findings.filter(isRepaired)).toEqual([]);
  });

  it('advances the version by an event that the context does not listen to, and leaves the fields', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(2, 1));
    const settings = { ...SETTINGS, owner: 'auditor', listensTo: ['UserCreated'] as const };
    const { findings } = await audit(bench, { fix: true, settings });
    expect(findings.every(isRepaired)).toBe(true);
    expect((await modelOf(bench)).get('u-0')).toMatchObject({ balance: 0 });
  });

  it('sets an idempotency key for what it repairs, where consumers do', async () => {
    const { bench } = await loseTail();
    await audit(bench, { fix: true });
    const keys: string[] = [];
    for await (const body of bench.store.dump()) if (body.type === 'marker') keys.push(body.user);
    expect(keys).toEqual(['u-1']);
  });

  it('leaves alone what a consumer applies in the meantime', async () => {
    const { bench, events } = await loseTail();
    const eventLog = openLogIndex(bench.broker, bench.topic);
    const late = {
      heads: () => eventLog.heads(),
      read: async (...range: Parameters<typeof eventLog.read>) => {
        const read = await eventLog.read(...range);
        for (const { event } of read) await bench.applyUnseen(event);
        return read;
      },
    };
    const { findings, appliedCount } = await audit(bench, { fix: true, eventLog: late });
    expect(appliedCount).toBe(0);
    expect(findings.every(isRepaired)).toBe(true);
    expect(await modelOf(bench)).toEqual(foldOfEvents(events));
  });

  it('does not call a model ahead for what is published and applied between its two readings', async () => {
    const bench = await ProjectorBench.open();
    await bench.publish(credits(2, 1));
    await bench.project({ strategy: 'version-next-repair' });
    const eventLog = openLogIndex(bench.broker, bench.topic);
    let readingCount = 0;
    async function* interrupted<T>(reading: AsyncIterable<T>) {
      readingCount += 1;
      if (readingCount === 2) await bench.publish(credits(3, 1).slice(2));
      if (readingCount === 2) for (const event of credits(3, 1).slice(2)) await bench.applyUnseen(event);
      yield* reading;
    }
    const { findings } = await audit(bench, {
      store: { ...bench.store, dump: () => interrupted(bench.store.dump()) },
      eventLog: { read: eventLog.read.bind(eventLog), heads: () => interrupted(eventLog.heads()) },
    });
    expect(readingCount).toBe(2);
    expect(findings.map(({ kind }) => kind)).toEqual(['behind']);
  });
});
