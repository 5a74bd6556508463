/** Two runs under one load, and the hand that reaches into both. */
import { join } from 'node:path';
import { openVirtualClock } from '../../../lab/conformance/virtual-clock';
import { LiveSession } from '../../../lab/live/live-session';
import { temporaryFolder } from '../../support/virtual-run';

const CHOICE = { seed: '7', rate: 8, durationS: 5, consumerCount: 2 };

function opened() {
  const clock = openVirtualClock();
  const folder = temporaryFolder();
  const said: string[] = [];
  const waiting: { holds: () => boolean; resolve: () => void }[] = [];
  const session = new LiveSession({
    ...{ choice: CHOICE, freshSeed: () => '8', clock },
    folderOf: (side, seed) => join(folder, `${side}-${seed}`),
    changed: () => {
      for (const { holds, resolve } of waiting) if (holds()) resolve();
    },
    print: (line) => said.push(line),
  });
  /** Time passes until the state is so. */
  const until = async (holds: () => boolean): Promise<void> => {
    if (holds()) return;
    await clock.run(new Promise<void>((resolve) => waiting.push({ holds, resolve })));
  };
  const isOver = (): boolean => session.state.phase === 'over';
  const applied = (): number => session.state.sides[1]?.picture.counts.applied ?? 0;
  const statuses = () => session.state.sides.map(({ verdict }) => verdict?.status);
  return { session, until, isOver, applied, statuses, said, clock };
}

it('waits for the first page, and begins once however many come', async () => {
  const { session, until, isOver, statuses, said } = opened();
  expect(session.state).toMatchObject({ phase: 'waiting', sides: [], consumers: [] });
  session.opened();
  session.opened();
  await until(isOver);
  expect(statuses()).toEqual(['invalid', 'valid']);
  expect(said.filter((line) => line.startsWith('seed'))).toEqual(['seed 7']);
  expect(said.toSorted().slice(0, 2)).toEqual([
    expect.stringMatching(/^Key_Shared, version-next-repair: valid; /),
    expect.stringMatching(/^Shared, no-guard: invalid; /),
  ]);
});

it('kills the consumer on both sides, and the reference stays valid', async () => {
  const { session, until, isOver, applied, statuses } = opened();
  session.opened();
  await until(() => applied() >= 20);
  expect(session.state).toMatchObject({ phase: 'running', consumers: [{ name: 'c1' }, { name: 'c2' }] });
  session.command({ command: 'kill', consumer: 'c1' });
  expect(session.state.consumers).toMatchObject([{ name: 'c2' }]);
  await until(isOver);
  expect(statuses()).toEqual(['invalid', 'valid']);
  for (const { picture } of session.state.sides)
    expect(picture.consumers[0]).toMatchObject({ name: 'c1', status: 'killed' });
});

it('shows who is paused and who is slow, until they are let go', async () => {
  const { session, until, isOver, applied, statuses } = opened();
  session.opened();
  await until(() => applied() >= 8);
  session.command({ command: 'pause', consumer: 'c1' });
  session.command({ command: 'slow-down', consumer: 'c2' });
  expect(session.state.consumers).toMatchObject([{ isPaused: true }, { isSlow: true }]);
  session.command({ command: 'release', consumer: 'c1' });
  expect(session.state.consumers).toMatchObject([{ isPaused: false }, { isSlow: true }]);
  await until(isOver);
  expect(statuses()).toEqual(['invalid', 'valid']);
});

it('finishes the load when it is told, and runs again with another seed', async () => {
  const { session, until, isOver, applied, statuses, said } = opened();
  session.opened();
  await until(() => applied() >= 20);
  expect(() => session.command({ command: 'again' })).toThrow('are not over');
  session.command({ command: 'finish' });
  expect(session.state.phase).toBe('finishing');
  await until(isOver);
  expect(statuses()).toEqual(['invalid', 'valid']);
  expect(() => session.command({ command: 'finish' })).toThrow('no run is under way');
  expect(() => session.command({ command: 'kill', consumer: 'c1' })).toThrow('the load of this run is over');
  session.command({ command: 'again' });
  expect(statuses()).toEqual([undefined, undefined]);
  await until(isOver);
  expect(said).toContain('seed 8');
});

it('ends in order: what was published is judged, and never found valid', async () => {
  const { session, until, applied, statuses, clock } = opened();
  session.opened();
  await until(() => applied() >= 20);
  await clock.run(session.end());
  expect(statuses()).toEqual(['invalid', 'unknown']);
  expect(() => session.command({ command: 'again' })).toThrow('are not over');
});

/** Whoever is told to finish has the next event in hand already, and publishes it. */
it.each([
  ['finish', 2],
  ['end', 1],
] as const)('holds nobody at a gate whose predecessor was never published: %s after %i events', async (how, count) => {
  const { session, until, isOver, clock } = opened();
  session.opened();
  await until(() => session.state.sides.every(({ picture }) => picture.counts.delivered === count));
  if (how === 'finish') session.command({ command: 'finish' });
  await (how === 'end' ? clock.run(session.end()) : until(isOver));
  expect(session.state.phase).toBe('over');
  /** What is stuck is given up much later. */
  expect(clock.nowMs()).toBeLessThan(5_000);
});

it('says what broke a run, and brings the other one to its end', async () => {
  const { session, until, isOver, statuses } = opened();
  const broken = new LiveSession({
    ...{ choice: CHOICE, freshSeed: () => '8', clock: openVirtualClock(), changed: () => {}, print: () => {} },
    folderOf: () => '/dev/null/nowhere',
  });
  broken.opened();
  await expect(broken.end()).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(broken.state).toMatchObject({ phase: 'over', failure: expect.stringContaining('/dev/null/nowhere') });
  session.opened();
  await until(isOver);
  expect(statuses()).toEqual(['invalid', 'valid']);
});

it('takes no command of a replay', () => {
  expect(() => opened().session.command({ command: 'step' })).toThrow('only a replay is stepped');
});
