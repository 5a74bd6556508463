/** Somebody who watches a run and reaches in: the ways are those of a plan's faults, and the run is judged as any other. */
import type { ConsumerHand } from '../../../lab/audience';
import { livePlans } from '../../../lab/live/live-plans';
import type { HistoryRecord } from '../../../shared/model/history';
import { recordsOf, runVirtually } from '../../support/virtual-run';

const CHOICE = { seed: '7', rate: 8, durationS: 12, consumerCount: 2 };
const [SHARED, KEY_SHARED] = livePlans(CHOICE);

/** Runs the plan; `at`: what is done when so many events have had their effect. */
async function watched(
  plan: typeof SHARED,
  at: Readonly<Record<number, (hand: ConsumerHand, load: { isOver: boolean }) => void>>,
) {
  const heard: HistoryRecord[] = [];
  const load = { isOver: false };
  let hand: ConsumerHand | null = null;
  let appliedCount = 0;
  const run = await runVirtually(plan, {
    audience: {
      load,
      given: (given) => {
        hand = given;
      },
      heard: (record) => {
        heard.push(record);
        if (record.stream !== 'Eff' || record.type !== 'effect') return;
        appliedCount += 1;
        if (hand !== null) at[appliedCount]?.(hand, load);
      },
    },
  });
  return { ...run, heard, hand: hand as ConsumerHand | null };
}

const causes = (records: readonly HistoryRecord[]): readonly string[] =>
  records.flatMap((record) => (record.stream === 'Cause' ? [`${record.type} ${record.consumer}`] : []));

it('hears every record of the history, in its order, and nothing else', async () => {
  const { heard, folder } = await watched(KEY_SHARED, {});
  expect(heard).toEqual(recordsOf(folder));
});

it.each([CHOICE.rate, null])(
  'sees 2 1 4 3 on Shared, and 1 2 3 4 on Key_Shared, at a rate of %j',
  async (perSecond) => {
    const rate = perSecond === null ? null : { perSecond };
    const opening = ({ heard }: { readonly heard: readonly HistoryRecord[] }) =>
      heard
        .flatMap((record) => (record.stream === 'Eff' && record.type === 'effect' ? [record] : []))
        .filter(({ user }) => user === 'ada')
        .slice(0, 4)
        .map(({ sequence }) => sequence);
    const [shared, keyShared] = [await watched({ ...SHARED, rate }, {}), await watched({ ...KEY_SHARED, rate }, {})];
    expect(opening(shared)).toEqual([2, 1, 4, 3]);
    expect(opening(keyShared)).toEqual([1, 2, 3, 4]);
    expect([shared.verdict.status, keyShared.verdict.status]).toEqual(['invalid', 'valid']);
  },
);

it('kills a consumer with work in hand: it comes again, and the reference stays valid', async () => {
  const { verdict, heard } = await watched(KEY_SHARED, { 40: (hand) => hand.kill('c2') });
  expect(causes(heard)).toEqual(['join c1#1', 'join c2#1', 'crash c2#1', 'leave c1#1']);
  expect(verdict.counts.redelivered).toBeGreaterThan(0);
  expect(verdict.status).toBe('valid');
});

it('adds a consumer and lets one leave in order, and the reference stays valid', async () => {
  const { verdict, heard } = await watched(KEY_SHARED, {
    20: (hand) => hand.add(),
    50: (hand) => hand.remove('c1'),
  });
  expect(causes(heard).slice(0, 4)).toEqual(['join c1#1', 'join c2#1', 'join c3#1', 'leave c1#1']);
  expect(verdict.status).toBe('valid');
});

it('pauses a consumer: nothing of it is given to others, and it goes on when it is let go', async () => {
  const { verdict, heard } = await watched(KEY_SHARED, {
    20: (hand) => hand.pause('c1'),
    40: (hand) => {
      expect(hand.consumers).toEqual([
        { name: 'c1', isPaused: true, isSlow: false },
        { name: 'c2', isPaused: false, isSlow: false },
      ]);
      hand.release('c1');
    },
  });
  const owners = heard.flatMap((record) => (record.stream === 'Eff' && record.type === 'effect' ? [record.owner] : []));
  /** What the store was already asked for when the pause began may still be answered. */
  expect(new Set(owners.slice(25, 40))).toEqual(new Set(['c2#1']));
  expect(owners.slice(40)).toContain('c1#1');
  expect(verdict.counts.redelivered).toBe(0);
  expect(verdict.status).toBe('valid');
});

it('lets go at the end of the load whoever is still held back', async () => {
  const { verdict } = await watched(KEY_SHARED, {
    40: (hand) => {
      hand.pause('c1');
      hand.slowDown('c2');
    },
  });
  expect(verdict.status).toBe('valid');
});

it('ends the load when it likes: what was published is the whole load', async () => {
  const { verdict } = await watched(KEY_SHARED, {
    60: (_, load) => {
      load.isOver = true;
    },
  });
  expect(verdict.status).toBe('valid');
  expect(verdict.counts.published).toBeLessThan(80);
});

it.each([
  ['a consumer that is not there', (hand: ConsumerHand) => hand.kill('c9'), 'no consumer c9 is at work'],
  [
    'the last consumer',
    (hand: ConsumerHand) => {
      hand.kill('c1');
      hand.remove('c2');
    },
    'c2 is the last consumer: add another one first',
  ],
])('may not touch %s', async (_, act, message) => {
  let refused: unknown = null;
  await watched(KEY_SHARED, {
    40: (hand) => {
      try {
        act(hand);
      } catch (thrown) {
        refused = thrown;
      }
    },
  });
  expect(refused).toMatchObject({ code: 'HAND_REFUSED', message });
});

it('may not touch anybody once the load is over', async () => {
  const { hand } = await watched(KEY_SHARED, {});
  expect(() => hand?.add()).toThrow('the load of this run is over');
});
