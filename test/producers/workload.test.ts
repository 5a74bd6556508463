import fc from 'fast-check';
import { skewWeights } from '../../producers/skew';
import { expandWorkload } from '../../producers/workload';
import { seededIds, seededRandom } from '../../shared/adapters/seeded-random';
import type { UserEvent } from '../../shared/model/event';
import type { Workload } from '../../shared/model/plan';
import { decodeEvent, encodeEvent } from '../../shared/wire';

async function expanded(workload: Workload, seed = '1'): Promise<UserEvent[]> {
  const random = seededRandom(seed);
  const events: UserEvent[] = [];
  for await (const event of expandWorkload(workload, { random, ids: seededIds(random), trace: null }))
    events.push(event);
  return events;
}

const anySkew = fc.constantFrom('uniform', 'zipf:1.1', 'zipf:0', 'hot:0.5');
const anySynthetic = fc.record({
  kind: fc.constant('synthetic' as const),
  users: fc.integer({ min: 1, max: 30 }),
  events: fc.integer({ min: 0, max: 120 }),
  skew: anySkew,
});

describe('a synthetic workload', () => {
  it('numbers each user densely from 1, starts it with UserCreated and creates it once', () =>
    fc.assert(
      fc.asyncProperty(anySynthetic, fc.nat(), async (workload, seed) => {
        const counts = new Map<string, number>();
        for (const event of await expanded(workload, String(seed))) {
          const sequence = (counts.get(event.user) ?? 0) + 1;
          expect(event.sequence).toBe(sequence);
          expect(event.type === 'UserCreated').toBe(sequence === 1);
          counts.set(event.user, sequence);
        }
        const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
        expect(total).toBe(workload.events);
        if (workload.events >= workload.users) expect(counts.size).toBe(workload.users);
      }),
    ));

  it('consists of events that travel, with ids that never repeat', async () => {
    const events = await expanded({ kind: 'synthetic', users: 20, events: 2_000, skew: 'zipf:1.1' });
    for (const event of events) expect(decodeEvent(encodeEvent(event)).event).toEqual(event);
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  });

  it('is the same for the same seed, and another for another', async () => {
    const workload: Workload = { kind: 'synthetic', users: 5, events: 50, skew: 'uniform' };
    expect(await expanded(workload, '7')).toEqual(await expanded(workload, '0x7'));
    expect(await expanded(workload, '7')).not.toEqual(await expanded(workload, '8'));
  });

  it('is the same on every machine: these ids and users were drawn once and pinned', async () => {
    const events = await expanded({ kind: 'synthetic', users: 100, events: 6, skew: 'zipf:1.1' }, '42');
    expect(events.map(({ user, id, type }) => `${user} ${id} ${type}`)).toEqual([
      'u-1 ee43fbc4f44800000000 UserCreated',
      'u-49 a910c474123a00000001 UserCreated',
      'u-8 6c2107c1598d00000002 UserCreated',
      'u-24 c8627516dfd500000003 UserCreated',
      'u-86 05a7844f4d4d00000004 UserCreated',
      'u-4 86c1f4128cbd00000005 UserCreated',
    ]);
  });

  it('gives the busiest users of a Zipf skew their share', async () => {
    const events = await expanded({ kind: 'synthetic', users: 1_000, events: 50_000, skew: 'zipf:1.1' });
    const weights = skewWeights('zipf:1.1', 1_000);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const rank of [1, 2, 3, 10]) {
      const share = events.filter((event) => event.user === `u-${rank}`).length / events.length;
      expect(share / ((weights[rank - 1] ?? 0) / sum)).toBeCloseTo(1, 0.6);
    }
  });

  it('gives the hot user its share', async () => {
    const events = await expanded({ kind: 'synthetic', users: 100, events: 20_000, skew: 'hot:0.2' });
    expect(events.filter((event) => event.user === 'u-1').length / events.length).toBeCloseTo(0.2, 1.7);
  });

  it('holds mostly credits, as the recorded traces do, and every type but deletion', async () => {
    const events = await expanded({ kind: 'synthetic', users: 10, events: 5_000, skew: 'uniform' });
    const types = new Set(events.map((event) => event.type));
    expect([...types].sort()).toEqual([
      'UserCreated',
      'UserCredited',
      'UserDebited',
      'UserEmailChanged',
      'UserRenamed',
    ]);
    expect(events.filter((event) => event.type === 'UserCredited').length).toBeGreaterThan(4_000);
  });
});

describe('a skew', () => {
  it('of zipf:S weighs rank k with k^-S', () => {
    for (const exponent of [0, 0.5, 1, 1.1, 2.75, 10]) {
      for (const [index, weight] of skewWeights(`zipf:${exponent}`, 50).entries()) {
        expect(weight / (index + 1) ** -exponent).toBeCloseTo(1, 4);
      }
    }
  });

  it('may have a single user', () => {
    expect(skewWeights('hot:.3', 1)).toEqual([0.3]);
  });

  it.each(['', 'zipf', 'zipf:', 'zipf:-1', 'zipf:11', 'zipf:1e3', 'hot:0', 'hot:1', 'Uniform', 'uniform:1'])(
    'is not %j',
    (skew) => {
      expect(() => skewWeights(skew, 10)).toThrow(`got "${skew}"`);
    },
  );
});

describe('a listed workload', () => {
  it('is played as it is listed, with sequences and ids', async () => {
    const events = await expanded({
      kind: 'listed',
      events: [
        { user: 'ann', type: 'UserCreated', data: { name: 'Ann', email: 'ann@example.org' } },
        { user: 'bob', type: 'UserDeleted', data: {} },
        { user: 'ann', type: 'UserCredited', data: { amount: 5 } },
      ],
    });
    expect(events.map(({ user, sequence, type }) => [user, sequence, type])).toEqual([
      ['ann', 1, 'UserCreated'],
      ['bob', 1, 'UserDeleted'],
      ['ann', 2, 'UserCredited'],
    ]);
  });

  it('names the event that is none', async () => {
    const bad = { user: 'ann', type: 'UserCredited', data: { amount: 'five' } } as const;
    const good = { user: 'ann', type: 'UserDeleted', data: {} } as const;
    await expect(expanded({ kind: 'listed', events: [good, bad] })).rejects.toThrow('listed event 2: data.amount');
  });
});

describe('a trace workload', () => {
  it('stops at its limit without asking for one event more, and closes what it read', async () => {
    let asked = 0;
    let isClosed = false;
    async function* trace() {
      try {
        for (;;) {
          asked += 1;
          yield { at: asked, user: 'ann', type: 'UserDeleted', data: {} } as const;
        }
      } finally {
        isClosed = true;
      }
    }
    const sources = { random: seededRandom('1'), ids: seededIds(seededRandom('1')), trace: trace() };
    const events: UserEvent[] = [];
    for await (const event of expandWorkload({ kind: 'trace', trace: 'x', limit: 3 }, sources)) events.push(event);
    expect(events.map(({ sequence, intendedAt }) => [sequence, intendedAt])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect([asked, isClosed]).toEqual([3, true]);
  });
});
