/**
 * What each strategy can do wrong under each fault budget, by exhaustive search (idempotency 4).
 *
 * Where the adversary lets keys expire, atomic-setnx has the verdicts of "atomic-setnx-ttl". One cell differs from
 * the published table because this world knows what a broker really does: ack-first under "error, then nack" loses
 * the event (X1) instead of swapping it, since Pulsar does not redeliver what was acknowledged before.
 */
import { STRATEGIES } from '../../consumers/strategies';
import { STRATEGY_NAMES, type StrategyName } from '../../shared/model/strategy';
import { BUDGETS, type BudgetName, type Exploration, explore } from './small-world';

/** Columns in the order of BUDGETS, up to Shared; the last one is all faults at once. */
const COLUMNS: readonly BudgetName[] = [
  'none',
  '2 crashes',
  'zombie',
  'crash + expiry',
  'zombie + expiry',
  'nack',
  'error, then nack',
  'error, then park',
  'resend',
  'Shared',
  'crash + zombie + expiry + nack',
];

const EXPECTED: Readonly<Record<StrategyName, readonly string[]>> = {
  'ack-first': ['ok', 'X1', 'X2 X3 X5', 'X1', 'X2 X3 X5', 'X3 X5', 'X1', 'X2', 'X2', 'X3 X5', 'X1 X2 X3 X5'],
  'no-guard': ['ok', 'X2', 'X2 X5', 'X2', 'X2 X5', 'X3 X5', 'X2 X3 X5', 'X2', 'X2', 'X3 X5', 'X2 X3 X5'],
  'check-act-mark': ['ok', 'X2', 'X2 X5', 'X2', 'X2 X5', 'X3 X5', 'X2 X3 X5', 'X2', 'X2', 'X3 X5', 'X2 X3 X5'],
  'claim-then-act': [
    'ok',
    'X1',
    'X3 X5',
    'X1 X2',
    'X2 X3 X5',
    'X3 X5',
    'X1 X3 X5',
    'X1 X2',
    'X1 X2',
    'X3 X5',
    'X1 X2 X3 X5',
  ],
  'atomic-setnx': ['ok', 'ok', 'ok', 'X2', 'X2 X5', 'X3 X5', 'X3 X5', 'ok', 'ok', 'X3 X5', 'X2 X3 X5'],
  'version-newer': ['ok', 'ok', 'ok', 'ok', 'ok', 'X1', 'X1', 'ok', 'ok', 'X1', 'X1'],
  'version-next-park': ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  'version-next-repair': ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  'semantic-guard': ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
};

const explored = new Map<string, Exploration>();

/** Each world is visited once. */
function exploration(name: StrategyName, budget: BudgetName): Exploration {
  const key = `${name} ${budget}`;
  const known = explored.get(key) ?? explore(STRATEGIES[name], budget);
  explored.set(key, known);
  return known;
}

const CELLS = STRATEGY_NAMES.flatMap((name) =>
  COLUMNS.map((budget, index) => ({ name, budget, expected: EXPECTED[name][index] })),
);

describe('in some schedule of the small world', () => {
  it.each(CELLS)(
    '$name under $budget shows: $expected',
    ({ name, budget, expected }) => {
      expect(exploration(name, budget).findings.join(' ') || 'ok').toBe(expected);
    },
    60_000,
  );

  it.each(COLUMNS)('a second creation of the same meaning undoes no rename at semantic-guard, under %s', (budget) => {
    expect(exploration('semantic-guard', budget).names).toEqual(['Grace']);
  });

  it('it does at every other strategy', () => {
    const others = STRATEGY_NAMES.filter((name) => name !== 'semantic-guard');
    for (const name of others) expect([name, exploration(name, 'none').names]).toEqual([name, ['Ada']]);
  });

  it('every budget has a column', () => {
    expect(COLUMNS).toEqual(Object.keys(BUDGETS));
  });

  it('the search is no empty one: all faults at once lead to thousands of states', () => {
    expect(exploration('version-next-repair', 'crash + zombie + expiry + nack').stateCount).toBeGreaterThan(10_000);
  });
});
