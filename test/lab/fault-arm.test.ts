import { FaultArm, type Situation } from '../../lab/fault-arm';
import type { Fault } from '../../shared/model/plan';
import { ALWAYS } from '../../shared/scenarios/defaults';

const ADA_3 = { user: 'ada', sequence: 3 };
const MET: Situation = { appliedCount: 10, unacknowledgedCount: 2, event: ADA_3 };

function crash(when: Partial<typeof ALWAYS> = {}): Fault {
  return { kind: 'crash', at: 'before:ack', when: { ...ALWAYS, ...when }, replaced: true };
}

describe('a crash', () => {
  it('strikes at its point, once', () => {
    const arm = new FaultArm([crash()]);
    expect(arm.crashAt('after:ack', MET)).toBeNull();
    expect(arm.crashAt('before:ack', MET)).toMatchObject({ kind: 'crash', replaced: true });
    expect(arm.crashAt('before:ack', MET)).toBeNull();
  });

  it.each([
    ['too few events are applied', { appliedCountMin: 11 }],
    ['too few deliveries are unacknowledged', { unacknowledgedCountMin: 3 }],
    ['another sequence is at the point', { event: { user: 'ada', sequence: 4 } }],
    ['another user is at the point', { event: { user: 'bob', sequence: 3 } }],
  ])('waits while %s', (_, when) => {
    const arm = new FaultArm([crash(when)]);
    expect(arm.crashAt('before:ack', MET)).toBeNull();
    expect(arm.armedCount).toBe(1);
  });

  it('strikes when all parts of its condition just hold', () => {
    const arm = new FaultArm([crash({ appliedCountMin: 10, unacknowledgedCountMin: 2, event: ADA_3 })]);
    expect(arm.crashAt('before:ack', MET)).not.toBeNull();
    expect(arm.armedCount).toBe(0);
  });

  it('strikes one delivery after the other when the plan has two', () => {
    const arm = new FaultArm([crash(), crash()]);
    expect([1, 2, 3].map(() => arm.crashAt('before:ack', MET) === null)).toEqual([false, false, true]);
  });
});

describe('joins and leaves', () => {
  it('come in the order of the plan as the applied events reach them, each once', () => {
    const arm = new FaultArm([
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 5 } },
      { kind: 'leave', when: { ...ALWAYS, appliedCountMin: 5 } },
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 8 } },
    ]);
    const due = (appliedCount: number) => arm.due({ ...MET, appliedCount }).map(({ kind }) => kind);
    expect([4, 5, 6, 9, 9].map(due)).toEqual([[], ['join', 'leave'], [], ['join'], []]);
    expect(arm.armedCount).toBe(0);
  });
});

describe('restarts and faults of the broker', () => {
  it('come in the order of the plan, each once', () => {
    const at = (appliedCountMin: number) => ({ ...ALWAYS, appliedCountMin });
    const arm = new FaultArm([
      { kind: 'restart', when: at(5) },
      { kind: 'unload', when: at(6) },
      { kind: 'broker-restart', when: at(6) },
      { kind: 'broker-kill', when: at(9) },
    ]);
    const due = (appliedCount: number) => arm.due({ ...MET, appliedCount }).map(({ kind }) => kind);
    expect([4, 5, 6].map(due)).toEqual([[], ['restart'], ['unload', 'broker-restart']]);
    expect(arm.countedCount).toBe(1);
    expect(due(9)).toEqual(['broker-kill']);
    expect([arm.countedCount, arm.armedCount]).toEqual([0, 0]);
  });
});

describe('faults of the store', () => {
  it('come in the order of the plan as the applied events reach them, each once', () => {
    const restart = { kind: 'store-restart', appendFsync: 'always', keptShare: 1 } as const;
    const arm = new FaultArm([
      { ...restart, when: { ...ALWAYS, appliedCountMin: 5 } },
      { kind: 'store-reply-lost', when: { ...ALWAYS, appliedCountMin: 7 }, outcome: 'applied', times: 2 },
      { ...restart, when: { ...ALWAYS, appliedCountMin: 7 }, keptShare: 0 },
    ]);
    expect(arm.armedCount).toBe(3);
    const due = (appliedCount: number) => arm.due({ ...MET, appliedCount }).map(({ kind }) => kind);
    expect([4, 6, 7, 9].map(due)).toEqual([[], ['store-restart'], ['store-reply-lost', 'store-restart'], []]);
    expect(arm.armedCount).toBe(0);
  });
});

describe('a failing handler', () => {
  it('fails the stated number of times, for its event only', () => {
    const arm = new FaultArm([{ kind: 'handler-error', event: ADA_3, times: 2 }]);
    expect(arm.handlerFails({ user: 'ada', sequence: 2 })).toBe(false);
    expect([1, 2, 3].map(() => arm.handlerFails(ADA_3))).toEqual([true, true, false]);
    expect(arm.armedCount).toBe(0);
  });
});

describe('an arm', () => {
  it('counts those that wait for the load: a crash at an event may never come', () => {
    const arm = new FaultArm([
      crash({ appliedCountMin: 10 }),
      crash({ event: ADA_3 }),
      { kind: 'unload', when: ALWAYS },
    ]);
    expect(arm.countedCount).toBe(2);
  });
});
