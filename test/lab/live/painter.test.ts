/** Records → picture: what the live page shows of a run, whether it happens now or happened before. */
import { livePlans } from '../../../lab/live/live-plans';
import { Curve } from '../../../lab/live/picture/curve';
import { Lanes } from '../../../lab/live/picture/lanes';
import { Painter } from '../../../lab/live/picture/painter';
import {
  ARRIVAL_COUNT_MAX,
  CURVE_POINT_COUNT_MAX,
  LANE_COUNT_MAX,
  NOTE_COUNT_MAX,
  RING_KEY_COUNT_MAX,
} from '../../../lab/live/picture/picture';
import type { HistoryBody } from '../../../shared/model/history';
import { ON_SECOND_CONSUMER } from '../../../shared/scenarios/few-users';
import { STICKY_HASH_MAX } from '../../../shared/simulator/sticky-hash';
import { recordsOf, runVirtually } from '../../support/virtual-run';

const [SHARED, KEY_SHARED] = livePlans({ seed: '7', rate: 8, durationS: 8, consumerCount: 2 });

/** The painter after the first records, up to the one that `isLast` names, or all. */
function painted(records: Iterable<HistoryBody>, isLast: (record: HistoryBody) => boolean = () => false): Painter {
  const painter = new Painter(null);
  for (const record of records) {
    painter.observe(record);
    if (isLast(record)) break;
  }
  return painter;
}

const received = (consumer: string, sequence: number) =>
  ({
    ...{ stream: 'Del', type: 'received', consumer, messageId: `0:${sequence}`, user: 'ada', sequence },
    ...{ topic: 'users', partition: -1, redeliveryCount: 0, eventId: `e${sequence}`, digest: 0 },
  }) as const satisfies HistoryBody;
const cause = (type: 'join' | 'leave' | 'crash', consumer: string) =>
  ({ stream: 'Cause', type, consumer }) as const satisfies HistoryBody;

/** The head of a run on Key_Shared, with these consumers. */
async function headOf(...consumers: readonly string[]): Promise<readonly HistoryBody[]> {
  const { folder } = await runVirtually({ ...KEY_SHARED, workload: { kind: 'listed', events: [] } });
  return [...recordsOf(folder).slice(0, 1), ...consumers.map((consumer) => cause('join', consumer))];
}

describe('a whole run', () => {
  it('on Shared shows 2 1 4 3 in the lane of the user, and counts what the verdict counts', async () => {
    const { folder, verdict } = await runVirtually(SHARED);
    const { picture } = painted(recordsOf(folder));
    const [ada] = picture.lanes;
    expect(ada?.user).toBe('ada');
    expect(ada?.arrivals.slice(0, 4)).toMatchObject([
      { sequence: 2, finding: 'in-order' },
      { sequence: 1, finding: 'swapped' },
      { sequence: 4, finding: 'in-order' },
      { sequence: 3, finding: 'swapped' },
    ]);
    const swapped = verdict.anomalies.find(({ id }) => id === 'X3')?.count;
    expect(picture.counts).toMatchObject({ published: 64, applied: 64, swapped, repeated: 0 });
    expect(picture.notes.filter(({ kind }) => kind === 'swapped')).toHaveLength(swapped ?? 0);
    expect(picture.notes.at(0)?.text).toBe('c1 joins');
  });

  it('on Key_Shared shows nothing swapped, and ends with nobody at work and nothing in hand', async () => {
    const { folder } = await runVirtually(KEY_SHARED);
    const { picture } = painted(recordsOf(folder));
    expect(picture.counts).toMatchObject({ applied: 64, swapped: 0, repeated: 0, redelivered: 0 });
    expect(picture.lanes.every(({ arrivals }) => arrivals.every(({ finding }) => finding === 'in-order'))).toBe(true);
    expect(picture.consumers).toMatchObject([
      { name: 'c1', status: 'left', heldCount: 0 },
      { name: 'c2', status: 'left', heldCount: 0 },
    ]);
    expect(picture.isOver).toBe(true);
    expect(picture.curve.at(-1)).toEqual([64, 0]);
  });

  it('on Shared has two consumers with messages of one key at once, and on Key_Shared never', async () => {
    const sharedAtOnce = async (plan: typeof SHARED): Promise<boolean> => {
      const painter = new Painter(null);
      const { folder } = await runVirtually(plan);
      return recordsOf(folder).some((record) => {
        painter.observe(record);
        return painter.picture.keys.some(({ holdings }) => holdings.length > 1);
      });
    };
    expect(await sharedAtOnce(SHARED)).toBe(true);
    expect(await sharedAtOnce(KEY_SHARED)).toBe(false);
  });
});

describe('the ring', () => {
  it('is covered by the ranges of those at work, each hash once', async () => {
    const { picture } = painted(await headOf('c1#1', 'c2#1', 'c3#1'));
    const ranges = picture.consumers.flatMap(({ ranges }) => ranges).sort(([left], [right]) => left - right);
    expect(ranges.at(0)?.[0]).toBe(1);
    expect(ranges.at(-1)?.[1]).toBe(STICKY_HASH_MAX);
    for (const [index, [start]] of ranges.slice(1).entries()) expect(start).toBe((ranges[index]?.[1] ?? 0) + 1);
  });

  it('gives the ranges of who is killed to the others, and says what comes again', async () => {
    const head = await headOf('c1#1', 'c2#1');
    const { picture } = painted([...head, received('c1#1', 1), received('c1#1', 2), cause('crash', 'c1#1')]);
    expect(picture.consumers).toMatchObject([
      { name: 'c1', status: 'killed', ranges: [], heldCount: 0 },
      { name: 'c2', status: 'working', ranges: [[1, STICKY_HASH_MAX]] },
    ]);
    const again = painted([...head, received('c1#1', 1), cause('crash', 'c1#1'), received('c2#1', 1)]).picture;
    expect(again.counts).toMatchObject({ delivered: 2, redelivered: 1 });
    expect(picture.notes.at(-1)?.text).toBe('c1 is killed; of what it held 2 come again');
  });

  it('shows a key whose range has moved on while its old owner still holds a message: it drains', async () => {
    const head = await headOf('c1#1');
    const held = { ...received('c1#1', 1), user: ON_SECOND_CONSUMER };
    const before = painted([...head, held]).picture.keys;
    expect(before).toMatchObject([{ user: 'bob', owner: 'c1', isDraining: false }]);
    const joined = [...head, held, cause('join', 'c2#1')];
    const holdings = [{ consumer: 'c1', sequences: [1] }];
    expect(painted(joined).picture.keys).toMatchObject([{ owner: 'c2', isDraining: true, holdings }]);
    const settled = { ...held, type: 'ack-confirmed' } as const;
    expect(painted([...joined, settled]).picture.keys).toEqual([]);
  });

  it('has nobody on it where the subscription is not Key_Shared', async () => {
    const { folder } = await runVirtually(SHARED);
    const { picture } = painted(recordsOf(folder), ({ stream, type }) => stream === 'Del' && type === 'received');
    expect(picture.consumers.map(({ ranges }) => ranges)).toEqual([[], []]);
    expect(picture.keys).toMatchObject([{ user: 'ada', owner: null, isDraining: false }]);
  });
});

describe('a lane', () => {
  const findings = (sequences: readonly number[]) => {
    const lanes = new Lanes(null);
    return sequences.map((sequence) => lanes.arrive('ada', sequence, 'c1'));
  };

  it.each([
    [
      [1, 2, 3],
      ['in-order', 'in-order', 'in-order'],
    ],
    [
      [2, 1, 4, 3],
      ['in-order', 'swapped', 'in-order', 'swapped'],
    ],
    [
      [1, 2, 2, 1],
      ['in-order', 'in-order', 'again', 'again'],
    ],
    [
      [1, 3, 2, 3],
      ['in-order', 'in-order', 'swapped', 'again'],
    ],
  ])('of %j is %j', (sequences, expected) => expect(findings(sequences)).toEqual(expected));

  it('takes what a store says again after a loss for no news, and what it had lost for new', () => {
    const lanes = new Lanes(null);
    for (const sequence of [1, 2, 3]) lanes.arrive('ada', sequence, 'c1');
    lanes.rollBack('ada', 3);
    lanes.restate('ada');
    expect([1, 2].map((sequence) => lanes.arrive('ada', sequence, 'c1'))).toEqual([null, null]);
    expect(lanes.arrive('ada', 3, 'c2')).toBe('in-order');
    expect(lanes.lanes[0]?.arrivals.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 3]);
  });

  it('keeps its place unless a user with something to show needs it', () => {
    const lanes = new Lanes('pinned');
    const users = Array.from({ length: LANE_COUNT_MAX }, (_, index) => `u${index}`);
    for (const user of users) lanes.arrive(user, 1, 'c1');
    lanes.arrive('dull', 1, 'c1');
    const shown = (): readonly string[] => lanes.lanes.map(({ user }) => user);
    expect(shown()).toEqual([...users].sort());
    lanes.arrive('swapping', 2, 'c1');
    lanes.arrive('swapping', 1, 'c2');
    lanes.arrive('pinned', 1, 'c1');
    expect(shown()).toEqual(['pinned', 'swapping', ...users.slice(2)].sort());
  });
});

describe('a picture is bounded', () => {
  it('in keys, notes and effects of a lane, and says how many there were before', async () => {
    const head = await headOf('c1#1');
    const many = Array.from({ length: 200 }, (_, index): readonly HistoryBody[] => [
      { ...received('c1#1', index + 1), user: `u${index}` },
      ...([`ada`, `ada`] as const).map(
        (user): HistoryBody => ({
          ...{ stream: 'Eff', type: 'effect', user, eventId: 'e', sequence: index + 1, versionBefore: 0 },
          ...{ versionAfter: 1, changedModel: true, owner: 'c1#1', digest: 0, chain: 0 },
        }),
      ),
    ]).flat();
    const { picture } = painted([...head, ...many]);
    expect(picture.keys).toHaveLength(RING_KEY_COUNT_MAX);
    expect(picture.notes).toHaveLength(NOTE_COUNT_MAX);
    expect(picture.notes.at(-1)).toMatchObject({ number: 201, kind: 'again' });
    expect(picture.lanes[0]?.arrivals).toHaveLength(ARRIVAL_COUNT_MAX);
    expect(picture.lanes[0]?.earlierCount).toBe(400 - ARRIVAL_COUNT_MAX);
    expect(picture.curve.length).toBeLessThanOrEqual(CURVE_POINT_COUNT_MAX);
  });

  it('in points of its curve, which begins at nothing, goes up and ends at the latest', () => {
    const curve = new Curve();
    for (let index = 1; index <= 10_000; index += 1) curve.add([index, index * 2]);
    const { points } = curve;
    expect(points.length).toBeLessThanOrEqual(CURVE_POINT_COUNT_MAX);
    expect(points.at(0)).toEqual([0, 0]);
    expect(points.at(-1)).toEqual([10_000, 20_000]);
    for (const [index, [at]] of points.slice(1).entries()) expect(at).toBeGreaterThan(points[index]?.[0] ?? 0);
  });
});

it('tells whether a record has changed anything', async () => {
  const painter = new Painter(null);
  const [header] = await headOf();
  expect(header === undefined ? null : painter.observe(header)).toBe(true);
  expect(painter.observe({ stream: 'Run', type: 'end' })).toBe(false);
  expect(painter.observe(cause('join', 'c1#1'))).toBe(true);
});
