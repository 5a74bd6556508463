import fc from 'fast-check';
import { SUBSCRIPTION_TYPES } from '../../shared/model/subscription';
import { generatedHistory, type WorldChoice } from '../support/history-generator';
import { judged } from '../support/judged';

/** Worlds in which everything that happens is legal. Negative acknowledgements only where the plan says so. */
const worlds: fc.Arbitrary<WorldChoice> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  subscriptionType: fc.constantFrom(...SUBSCRIPTION_TYPES),
  userCount: fc.integer({ min: 1, max: 5 }),
  eventCount: fc.integer({ min: 1, max: 80 }),
  consumerCount: fc.integer({ min: 1, max: 4 }),
  disturbanceInterval: fc.constantFrom(0, 3, 10),
  nackInterval: fc.constantFrom(0, 0, 4),
});

describe('a clean history', () => {
  it('is never blamed: no forbidden class, whatever the topology, crashes, joins, leaves and nacks', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const verdict = judged(generatedHistory(world));
        expect({ status: verdict.status, reasons: verdict.status === 'valid' ? [] : verdict.reasons }).toEqual({
          status: 'valid',
          reasons: [],
        });
        expect(verdict.counts.applied).toBe(world.eventCount);
      }),
      { numRuns: 300 },
    );
  });

  it.each(SUBSCRIPTION_TYPES)('on %s is not empty of what could be blamed: legal repeats with their causes', (type) => {
    const causes = new Set<string>();
    for (let seed = 1; seed <= 10; seed += 1) {
      const world = { seed, subscriptionType: type, userCount: 3, eventCount: 60, consumerCount: 3, nackInterval: 4 };
      const { anomalies } = judged(generatedHistory({ ...world, disturbanceInterval: 3 }));
      for (const { id, how } of anomalies) for (const cause of [id, ...Object.keys(how)]) causes.add(cause);
    }
    const expected = ['D2', 'D6', 'crash', 'leave', 'nack', ...(type === 'failover' ? ['switch'] : [])];
    expect([...causes]).toEqual(expect.arrayContaining(expected));
  });
});
