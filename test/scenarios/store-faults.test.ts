/** What the scenarios of store faults tell, looked up in their histories: a verdict alone could be right for another reason. */
import type { HistoryRecord } from '../../shared/model/history';
import { runOf } from '../support/scenario-run';
import { recordsOf, type VirtualRun } from '../support/virtual-run';

const SEED = '0x3';
jest.setTimeout(60_000);

function typed<Type extends HistoryRecord['type']>({ folder }: VirtualRun, type: Type) {
  return recordsOf(folder).filter((record): record is Extract<HistoryRecord, { type: Type }> => record.type === type);
}

describe('a store that is killed and starts again', () => {
  it('is audited until its last generation is in step, and what it forgot is applied again', async () => {
    const told = await runOf('redis-restart', SEED);
    expect(typed(told, 'struck')).toHaveLength(3);
    const audits = typed(told, 'audit');
    expect(audits.at(-1)).toMatchObject({ generation: 4, userCount: 60 });
    const repaired = audits.reduce((sum, { repairedCount }) => sum + repairedCount, 0);
    expect(repaired).toBeGreaterThan(0);
    expect(typed(told, 'effect').filter(({ owner }) => owner === 'auditor')).toHaveLength(repaired);
    expect(told.verdict.counts).toMatchObject({ published: 600, applied: 600 });
  });

  it('has forgotten a part once and everything once: the history says of each user what is left', async () => {
    const rollbacks = typed(await runOf('redis-restart', SEED), 'rollback');
    const left = rollbacks.map(({ heldCount }) => heldCount);
    expect(left.some((count) => count > 0)).toBe(true);
    expect(left.filter((count) => count === 0).length).toBeGreaterThan(30);
  });

  it('loses what was acknowledged before, where nobody compares heads', async () => {
    const { verdict } = await runOf('redis-restart-naive', SEED);
    expect(verdict.anomalies.find(({ id }) => id === 'X1')?.how).toEqual({ 'rolled-back': expect.any(Number) });
    expect(verdict.anomalies.filter(({ id }) => id === 'X2' || id === 'X6')).toEqual([]);
  });

  it('without any fault is not audited, so that no audit hides what a defect lost', async () => {
    const told = await runOf('competing-consumers', SEED);
    expect(typed(told, 'audit')).toEqual([]);
  });
});

describe('a reply of the store that is lost', () => {
  it('leaves its caller with an unknown outcome, and the same call again is answered as a duplicate', async () => {
    const told = await runOf('redis-reply-lost', SEED);
    const failed = typed(told, 'failed');
    expect(failed).toHaveLength(8);
    for (const { code, definite } of failed)
      expect({ code, definite }).toEqual({ code: 'STORE_CONNECTION_LOST', definite: false });
    expect(told.verdict.counts).toMatchObject({ duplicatesAbsorbed: 8, redelivered: 0, applied: 400 });
  });

  it('loses an event of each claim that was made twice, without any crash or redelivery', async () => {
    const { verdict } = await runOf('redis-reply-lost-naive', SEED);
    expect(verdict.counts).toMatchObject({ redelivered: 0, crashes: 0, applied: 392 });
    expect(verdict.anomalies.find(({ id }) => id === 'X9')?.rootCount).toBe(8);
  });
});
