import { type Encounter, Fate } from '../../lab/fate';
import { concernsFate } from '../../lab/fate-filter';
import type { HistoryBody } from '../../shared/model/history';
import type { EventRef, Plan, Point } from '../../shared/model/plan';
import { ALWAYS, PLAN } from '../../shared/scenarios/defaults';

const ADA_3: EventRef = { user: 'ada', sequence: 3 };
const PAUSING: Plan = {
  ...{ ...PLAN, scenario: 'by-hand', seed: '1' },
  faults: [{ kind: 'pause', at: 'before:apply', event: ADA_3 }],
};

function meeting(consumer: string, point: Point, event: EventRef = ADA_3): Encounter {
  return { consumer, point, event, unacknowledgedCount: 1 };
}

function fateOf(plan: Plan) {
  const records: HistoryBody[] = [];
  const fate = new Fate(plan, { record: (body) => records.push(body) });
  const missed = () => records.flatMap((body) => (body.type === 'missed' ? [`${body.fault} ${body.at}`] : []));
  return { fate, missed, told: () => records.map((body) => [body.type, 'consumer' in body ? body.consumer : null]) };
}

/** Whether the pause that this consumer runs into is over by now, asked again and again. */
async function pausedAt(fate: Fate, encounter: Encounter): Promise<() => Promise<boolean>> {
  const passage = fate.meet(encounter);
  expect(passage.kind).toBe('pause');
  let isOver = false;
  if (passage.kind === 'pause') void passage.over.then(() => (isOver = true));
  return async () => {
    await Promise.resolve();
    return isOver;
  };
}

describe('a pause', () => {
  it('strikes once, at its point with its event', () => {
    const { fate, told } = fateOf(PAUSING);
    expect(fate.meet(meeting('c1#1', 'before:ack')).kind).toBe('go');
    expect(fate.meet(meeting('c1#1', 'before:apply', { user: 'ada', sequence: 2 })).kind).toBe('go');
    expect(fate.armedCount).toBe(1);
    expect(fate.meet(meeting('c1#1', 'before:apply')).kind).toBe('pause');
    expect(fate.meet(meeting('c2#1', 'before:apply')).kind).toBe('go');
    expect(fate.armedCount).toBe(0);
    expect(told()).toEqual([['struck', 'c1#1']]);
  });

  it('is over when another consumer has dealt with the event, and no sooner', async () => {
    const { fate, told } = fateOf(PAUSING);
    const isOver = await pausedAt(fate, meeting('c1#1', 'before:apply'));
    fate.meet(meeting('c2#1', 'before:ack'));
    fate.meet(meeting('c2#1', 'after:handle', { user: 'ada', sequence: 4 }));
    fate.meet(meeting('c1#1', 'after:handle'));
    expect(await isOver()).toBe(false);
    fate.meet(meeting('c2#1', 'after:handle'));
    expect(await isOver()).toBe(true);
    expect(told()).toEqual([
      ['struck', 'c1#1'],
      ['ended', 'c1#1'],
    ]);
  });

  it('is over when the run says so', async () => {
    const { fate } = fateOf(PAUSING);
    const isOver = await pausedAt(fate, meeting('c1#1', 'before:apply'));
    fate.endPauses();
    expect(await isOver()).toBe(true);
  });

  it('is asked about at its point, and by everybody who is done with its event', () => {
    const asks = (point: Point, event: EventRef) => concernsFate(PAUSING, meeting('c2#1', point, event), 0);
    expect(asks('before:apply', ADA_3)).toBe(true);
    expect(asks('after:handle', ADA_3)).toBe(true);
    expect(asks('before:ack', ADA_3)).toBe(false);
    expect(asks('before:apply', { user: 'ada', sequence: 4 })).toBe(false);
  });
});

describe('what is planned and never strikes', () => {
  const plan: Plan = {
    ...PAUSING,
    faults: [
      { kind: 'crash', at: 'before:ack', when: { ...ALWAYS, unacknowledgedCountMin: 99 }, replaced: true },
      { kind: 'join', when: { ...ALWAYS, appliedCountMin: 1 } },
      { kind: 'handler-error', event: ADA_3, times: 3 },
    ],
  };

  it('is recorded, as often as a strike is missing, and nothing strikes from then on', () => {
    const { fate, missed } = fateOf(plan);
    fate.meet(meeting('c1#1', 'before:apply'));
    fate.disarm();
    expect(missed()).toEqual(['crash before:ack', 'join null', 'handler-error null', 'handler-error null']);
    expect(fate.applied(5)).toEqual([]);
    expect(fate.meet(meeting('c1#1', 'before:apply')).kind).toBe('go');
    expect(fate.meet({ ...meeting('c1#1', 'before:ack'), unacknowledgedCount: 99 }).kind).toBe('go');
    fate.disarm();
    expect(missed()).toHaveLength(4);
  });
});
