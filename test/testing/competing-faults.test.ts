/**
 * What each fault of the kit does, read off the history: a run under a fault that does nothing proves nothing, and nobody
 * would see it.
 */
import {
  brokerRestart,
  type CompetingOptions,
  competing,
  joinOne,
  type KitRun,
  killOne,
  leaveOne,
  nackStorm,
  pauseOne,
  redeliver,
  slowConsumer,
} from '../../lab/testing/testing';
import type { UserEvent } from '../../shared/model/event';
import type { HistoryRecord } from '../../shared/model/history';
import { effects, reference, store } from '../support/kit-consumers';

beforeAll(() => store.open());
beforeEach(() => store.empty());
afterAll(() => store.close());

const SIZES = { topic: 'users', consumers: 2, users: 4, eventsPerUser: 10, effects, seed: 7, start: reference };

function run(options: Partial<CompetingOptions>): Promise<KitRun<UserEvent>> {
  return competing({ ...SIZES, ...options });
}

function count({ history }: KitRun<UserEvent>, stream: HistoryRecord['stream'], type: string): number {
  return history.filter((record) => record.stream === stream && record.type === type).length;
}

/** Messages that were received more than once. */
function repeatedCount({ history }: KitRun<UserEvent>): number {
  const received = history.flatMap((each) =>
    each.stream === 'Del' && each.type === 'received' ? [each.messageId] : [],
  );
  return received.length - new Set(received).size;
}

/** Consumers come, each under every name that it has had. */
function comersOf({ history }: KitRun<UserEvent>): readonly string[] {
  return history.flatMap((each) => (each.stream === 'Cause' && each.type === 'join' ? [each.consumer] : [])).sort();
}

it('without one, nobody comes later, nobody goes, and nothing comes again', async () => {
  const calm = await run({});
  expect(comersOf(calm)).toEqual(['c1#1', 'c2#1']);
  expect([count(calm, 'Cause', 'crash'), count(calm, 'Cause', 'leave'), repeatedCount(calm)]).toEqual([0, 0, 0]);
});

it('killOne: one dies and comes again under its name', async () => {
  const killed = await run({ faults: [killOne({ at: 'receive' })] });
  expect(count(killed, 'Cause', 'crash')).toBe(1);
  expect(comersOf(killed)).toHaveLength(3);
  expect(comersOf(killed).filter((name) => name.endsWith('#2'))).toHaveLength(1);
});

const POINTS = { receive: 'before:receive', write: 'before:apply', ack: 'before:ack' } as const;
const RECORDS = { receive: 'received', ack: 'ack-intended' } as const;

it.each([
  ['receive', 3],
  ['ack', 5],
] as const)(
  'killOne: at a named point, counted over the run: the %s number %i is not made any more',
  async (at, nth) => {
    const killed = await run({ faults: [killOne({ at, nth })] });
    const struckIndex = killed.history.findIndex(({ type }) => type === 'struck');
    expect(killed.history[struckIndex]).toMatchObject({ fault: 'crash', at: POINTS[at] });
    const before = killed.history.slice(0, struckIndex);
    expect(before.filter(({ stream, type }) => stream === 'Del' && type === RECORDS[at])).toHaveLength(nth - 1);
    expect(killed).toApplyExactlyOnce();
  },
);

it('killOne: at the first write that is counted, before it leaves', async () => {
  const killed = await run({ faults: [killOne({ at: 'write', nth: 1 })] });
  const struck = killed.history.find(({ type }) => type === 'struck');
  expect(struck).toMatchObject({ fault: 'crash', at: POINTS.write });
  expect(killed).toApplyExactlyOnce();
});

it('killOne: at a counted step of any name, and never beyond the end', async () => {
  expect(count(await run({ faults: [killOne({ nth: 1 })] }), 'Cause', 'crash')).toBe(1);
  store.empty();
  const spared = await run({ faults: [killOne({ at: 'ack', nth: 1000 })] });
  expect(() => expect(spared).toLoseNothing()).toThrow('the fault "kill" met nothing');
  expect(() => killOne({ nth: 0 })).toThrow('nth is a whole number from 1, got 0');
});

it('pauseOne: one is declared gone with what it holds, others work that off, and it comes back', async () => {
  const paused = await run({ faults: [pauseOne({ at: 'ack' })] });
  expect([count(paused, 'Cause', 'crash'), count(paused, 'Cause', 'leave')]).toEqual([0, 1]);
  expect(comersOf(paused)).toHaveLength(3);
  expect(repeatedCount(paused)).toBeGreaterThan(0);
});

it('joinOne: one more comes, under a name of its own', async () => {
  expect(comersOf(await run({ faults: [joinOne()] }))).toEqual(['c1#1', 'c2#1', 'c3#1']);
});

it('leaveOne: one goes and does not come back', async () => {
  const left = await run({ faults: [leaveOne()] });
  expect([count(left, 'Cause', 'leave'), comersOf(left).length]).toEqual([1, 2]);
});

it('redeliver: so many acknowledgements are lost, and as many messages come again', async () => {
  const all = await run({ faults: [redeliver(1)] });
  expect(repeatedCount(all)).toBe(SIZES.users * SIZES.eventsPerUser);
  store.empty();
  expect(repeatedCount(await run({ faults: [redeliver(0.2)] }))).toBeLessThan(SIZES.users * SIZES.eventsPerUser);
});

it('nackStorm: so many messages go back before the consumer sees them', async () => {
  expect(count(await run({ faults: [nackStorm(6)] }), 'Del', 'nack-intended')).toBeGreaterThanOrEqual(6);
});

it('slowConsumer: each of its messages takes longer', async () => {
  const delayMs = 15;
  const startMs = performance.now();
  const slow = await run({ faults: [slowConsumer(delayMs)], consumers: 1 });
  /** A timer may be early by a fraction of a millisecond. */
  expect(performance.now() - startMs).toBeGreaterThan((SIZES.users * SIZES.eventsPerUser - 1) * (delayMs - 1));
  expect(slow.findings('loss')).toEqual([]);
});

it('brokerRestart: everybody is cut off and comes back', async () => {
  const restarted = await run({ faults: [brokerRestart()] });
  expect(count(restarted, 'Cause', 'leave')).toBe(2);
  expect(comersOf(restarted)).toEqual(['c1#1', 'c1#2', 'c2#1', 'c2#2']);
});
