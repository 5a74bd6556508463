/** A run folder that is walked through on the page. */

import { openVirtualClock } from '../../../lab/conformance/virtual-clock';
import { livePlans } from '../../../lab/live/live-plans';
import { ReplaySession } from '../../../lab/live/replay-session';
import { recordsOf, runVirtually } from '../../support/virtual-run';

const [SHARED] = livePlans({ seed: '7', rate: 8, durationS: 4, consumerCount: 2 });
let folder: string;
beforeAll(async () => {
  folder = (await runVirtually(SHARED)).folder;
});

function opened(rate = 10) {
  const clock = openVirtualClock();
  let changedCount = 0;
  const changed = (): void => {
    changedCount += 1;
  };
  const session = new ReplaySession({ path: folder, user: 'ada', rate, clock, changed });
  const counts = () => session.state.sides[0]?.picture.counts;
  return { clock, session, counts, changes: () => changedCount };
}

it('begins with those who are there before the first event, and without the verdict', () => {
  const { session } = opened();
  const { state } = session;
  expect(state).toMatchObject({ mode: 'replay', phase: 'halted', recordCount: recordsOf(folder).length });
  expect(state.sides[0]?.picture.consumers).toMatchObject([{ name: 'c1' }, { name: 'c2' }]);
  expect(state.sides[0]?.picture.counts).toMatchObject({ published: 0, applied: 0 });
  expect(state.sides[0]?.verdict).toBeNull();
});

it('steps to the next thing to be seen: one message more in hand, one effect more, or one message less in hand', () => {
  const { session } = opened();
  const seen = () => {
    const [picture] = session.state.sides.map((side) => side.picture);
    const held = picture?.consumers.reduce((sum, { heldCount }) => sum + heldCount, 0) ?? 0;
    return { delivered: picture?.counts.delivered ?? 0, applied: picture?.counts.applied ?? 0, held };
  };
  for (let step = 0; step < 40; step += 1) {
    const before = seen();
    session.command({ command: 'step' });
    const after = seen();
    const isDelivered = after.delivered - before.delivered;
    const isApplied = after.applied - before.applied;
    const isSettled = before.held + isDelivered - after.held;
    expect(isDelivered + isApplied + isSettled).toBe(1);
  }
  expect(seen().applied).toBeGreaterThan(4);
});

it('jumps to the next event that was swapped', () => {
  const { session, counts } = opened();
  session.command({ command: 'next-swap' });
  const [lane] = session.state.sides[0]?.picture.lanes ?? [];
  expect(lane?.arrivals.map(({ sequence }) => sequence)).toEqual([2, 1]);
  session.command({ command: 'next-swap' });
  expect(counts()?.swapped).toBe(2);
});

it('plays as many steps a second as it is told, until it is halted', async () => {
  const { session, clock, changes } = opened(10);
  session.command({ command: 'play' });
  expect(session.state.phase).toBe('playing');
  await clock.run(clock.sleep(950));
  session.command({ command: 'halt' });
  const { position } = session.state;
  await clock.run(clock.sleep(5_000));
  expect(session.state).toMatchObject({ phase: 'halted', position });
  const stepped = opened();
  for (let step = 0; step < 10; step += 1) stepped.session.command({ command: 'step' });
  expect(position).toBe(stepped.session.state.position);
  expect(changes()).toBeGreaterThan(10);
});

it('does not play twice at a time', async () => {
  const { session, clock } = opened(10);
  session.command({ command: 'play' });
  session.command({ command: 'play' });
  session.command({ command: 'halt' });
  session.command({ command: 'play' });
  await clock.run(clock.sleep(950));
  session.command({ command: 'halt' });
  const stepped = opened();
  for (let step = 0; step < 11; step += 1) stepped.session.command({ command: 'step' });
  expect(session.state.position).toBe(stepped.session.state.position);
});

it('plays quicker and slower', () => {
  const { session } = opened(10);
  session.command({ command: 'faster' });
  session.command({ command: 'faster' });
  expect(session.state.rate).toBe(40);
  for (let time = 0; time < 10; time += 1) session.command({ command: 'slower' });
  expect(session.state.rate).toBe(1);
});

it('ends with the verdict of the history, and begins again when it is rewound', async () => {
  const { session, clock } = opened(1_000);
  const { state: atFirst } = session;
  session.command({ command: 'play' });
  await clock.run(clock.sleep(60_000));
  expect(session.state).toMatchObject({ phase: 'over', position: recordsOf(folder).length });
  expect(session.state.sides[0]?.verdict).toMatchObject({ status: 'invalid', next: [`orderlab explain ${folder}`] });
  session.command({ command: 'rewind' });
  expect({ ...session.state, rate: 0 }).toEqual({ ...atFirst, rate: 0 });
});

it('changes nothing in a run that is over', () => {
  const { session } = opened();
  expect(() => session.command({ command: 'kill', consumer: 'c1' })).toThrow('a replay changes nothing in it');
});
