/** Consumers that take their time to begin, as processes do on a slow machine. */

import { openVirtualClock } from '../../lab/conformance/virtual-clock';
import type { Crew, Member, Observer } from '../../lab/crew';
import { Supervisor } from '../../lab/supervisor';
import { openCountingMeter } from '../../shared/adapters/counting-meter';
import { systemClock } from '../../shared/adapters/system-clock';
import type { HistoryBody } from '../../shared/model/history';
import type { Fault } from '../../shared/model/plan';
import type { Clock } from '../../shared/ports';
import { ALWAYS } from '../../shared/scenarios/defaults';
import { planNamed } from '../support/scenario-run';

/** Every start waits until the test lets it go on. */
class SlowCrew implements Crew {
  readonly waiting: (() => void)[] = [];
  readonly members: Member[] = [];
  isSlow = false;

  async start(name: string, id: string, observer: Observer): Promise<Member> {
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const member: Member = {
      ...{ name, id, load: { inHandCount: 0, parkedCount: 0 }, askToDrain: () => {}, kill: async () => {} },
      leave: async () => observer.leaves(member),
    };
    this.members.push(member);
    return member;
  }

  letIn(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  applied(): void {}
  disband(): void {}
}

async function supervised(faults: readonly Fault[], scenario = 'scale-read-side', clock: Clock = systemClock) {
  const crew = new SlowCrew();
  const records: HistoryBody[] = [];
  const recorder = { record: (body: HistoryBody) => void records.push(body), written: async () => {} };
  const plan = { ...planNamed(scenario, '1'), faults };
  const supervisor = new Supervisor({ plan, clock, crew, recorder, meter: openCountingMeter() });
  await supervisor.start();
  crew.isSlow = true;
  const causes = (): readonly string[] =>
    records.flatMap((body) =>
      body.stream === 'Cause' ? [`${body.type} ${'consumer' in body ? body.consumer : ''}`] : [],
    );
  return { supervisor, crew, records, causes, members: () => crew.members };
}

const at = (kind: 'join' | 'leave' | 'restart', appliedCountMin: number): Fault => ({
  kind,
  when: { ...ALWAYS, appliedCountMin },
});

describe('a supervisor', () => {
  it('lets those leave who were let in before, also when they work only after the leaves are due', async () => {
    const { supervisor, crew, causes } = await supervised([
      at('join', 1),
      at('join', 2),
      at('leave', 3),
      at('leave', 4),
    ]);
    supervisor.count('applied', 4);
    expect(causes()).toEqual(['join c1#1', 'join c2#1', 'join c3#1']);
    crew.letIn();
    await supervisor.settled();
    supervisor.check();
    expect(causes().slice(3)).toEqual(['leave c3#1', 'leave c2#1']);
  });

  it('lets no take-over of a Failover subscription meet the one before it', async () => {
    const clock = openVirtualClock();
    const times = async (): Promise<readonly number[]> => {
      const { supervisor, crew, records } = await supervised(
        [at('join', 1), at('join', 1), at('leave', 2)],
        'scale-read-side-failover',
        clock,
      );
      crew.isSlow = false;
      supervisor.count('applied', 2);
      const struckAtMs: number[] = [];
      records.push = (...bodies) => {
        if (bodies.some(({ stream, type }) => stream === 'Fault' && type === 'struck')) struckAtMs.push(clock.nowMs());
        return 0;
      };
      await supervisor.settled();
      return struckAtMs;
    };
    const [first = 0, second = 0, third = 0] = await clock.run(times());
    expect([second - first, third - second]).toEqual([2_000, 2_000]);
  });

  it('says until when a join or leave holds the load: until it is over', async () => {
    const { supervisor, crew } = await supervised([at('join', 5), at('leave', 9)]);
    expect(supervisor.nextMoveAt).toBe(5);
    supervisor.count('applied', 6);
    expect(supervisor.nextMoveAt).toBe(5);
    crew.letIn();
    await supervisor.settled();
    expect(supervisor.nextMoveAt).toBe(9);
    supervisor.count('applied', 3);
    await supervisor.settled();
    expect(supervisor.nextMoveAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('is done with its faults when who replaces the dead works, so that the load lasts until then', async () => {
    const crash: Fault = { kind: 'crash', at: 'before:ack', when: { ...ALWAYS, appliedCountMin: 2 }, replaced: true };
    const { supervisor, crew, members } = await supervised([crash]);
    supervisor.count('applied', 2);
    expect(supervisor.isDone).toBe(false);
    const [victim] = members();
    const event = { user: 'ada', sequence: 3 };
    if (victim !== undefined)
      supervisor.meet(victim, { ...{ consumer: 'c1#1', point: 'before:ack', event }, unacknowledgedCount: 1 });
    await Promise.resolve();
    expect(supervisor.isDone).toBe(false);
    crew.letIn();
    await supervisor.settled();
    expect(supervisor.isDone).toBe(true);
  });
});
