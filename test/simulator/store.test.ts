import fc from 'fast-check';
import type { StoreOperation } from '../../shared/model/action';
import { InvariantError, unreachable } from '../../shared/model/invariant';
import {
  dumpUser,
  hash,
  openStoreState,
  restore,
  type StoreInput,
  type StoreState,
  snapshot,
  step,
  usersOf,
} from '../../shared/simulator/store';
import { applyOperation } from '../../shared/simulator/store-operation';
import { apply, claim, credited, handler } from '../contract/store-samples';

const NAMES = [
  'apply',
  'check-marker',
  'claim-marker',
  'set-marker',
  'begin-handler',
  'end-handler',
  'quarantine',
] as const;

const operation: fc.Arbitrary<StoreOperation> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    user: fc.constantFrom('ada', 'grace'),
    sequence: fc.integer({ min: 1, max: 4 }),
    guard: fc.constantFrom('none', 'marker', 'newer', 'next'),
    setsMarker: fc.boolean(),
    ttlMs: fc.constantFrom(null, 1, 5),
    owner: fc.constantFrom('c1#1', 'c2#1'),
  })
  .map(({ name, user, sequence, guard, setsMarker, ttlMs, owner }): StoreOperation => {
    const eventId = `e${sequence}`;
    switch (name) {
      case 'apply':
        return { ...apply({ ...credited(sequence), user }), guard, setsMarker, markerTtlMs: ttlMs, owner };
      case 'check-marker':
        return { name, user, eventId };
      case 'claim-marker':
      case 'set-marker':
        return { name, user, eventId, sequence, ttlMs };
      case 'begin-handler':
      case 'end-handler':
        return { name, user, owner };
      case 'quarantine':
        return { name, user, messageId: eventId, reason: 'invalid' };
      default:
        return unreachable(name, 'operation');
    }
  });

/** Operations at times that never run backwards. */
const inputs: fc.Arbitrary<readonly StoreInput[]> = fc
  .array(fc.tuple(operation, fc.integer({ min: 0, max: 3 })), { maxLength: 30 })
  .map((pairs) => {
    let nowMs = 0;
    return pairs.map(([each, passedMs]) => {
      nowMs += passedMs;
      return { operation: each, nowMs };
    });
  });

function stateAfter(all: readonly StoreInput[]): StoreState {
  const state = openStoreState();
  for (const input of all) step(state, input);
  return state;
}

function dumpOf(state: StoreState, nowMs: number) {
  return usersOf(state).flatMap((user) => dumpUser(state, user, nowMs));
}

describe('the store state', () => {
  it('restored from a snapshot that went through JSON answers and hashes as the original does', () => {
    fc.assert(
      fc.property(inputs, inputs, (before, after) => {
        const original = stateAfter(before);
        const copy = restore(JSON.parse(JSON.stringify(snapshot(original))));
        for (const input of after) expect(step(copy, input)).toEqual(step(original, input));
        expect(hash(copy)).toBe(hash(original));
        expect(dumpOf(copy, 100)).toEqual(dumpOf(original, 100));
      }),
    );
  });

  it('does not change under a snapshot that was taken of it, nor the snapshot under later steps', () => {
    fc.assert(
      fc.property(inputs, inputs, (before, after) => {
        const state = stateAfter(before);
        const taken = snapshot(state);
        const text = JSON.stringify(taken);
        for (const input of after) step(state, input);
        expect(JSON.stringify(taken)).toBe(text);
      }),
    );
  });

  it('hashes alike for equal contents, whichever user came first, and differently once a key differs', () => {
    const ada = { operation: apply(credited(1)), nowMs: 0 };
    const grace = { operation: apply({ ...credited(1), user: 'grace' }), nowMs: 0 };
    const both = hash(stateAfter([ada, grace]));
    expect(hash(stateAfter([grace, ada]))).toBe(both);
    expect(hash(stateAfter([grace, ada, { operation: claim('e1'), nowMs: 0 }]))).not.toBe(both);
  });

  it('forgets an idempotency key once an operation finds it expired', () => {
    const expiring = { ...claim('e1'), ttlMs: 5 };
    const check = { name: 'check-marker', user: 'ada', eventId: 'e1' } as const;
    const state = stateAfter([
      { operation: expiring, nowMs: 0 },
      { operation: check, nowMs: 5 },
    ]);
    expect(hash(state)).toBe(hash(openStoreState()));
  });
});

describe('a store operation', () => {
  it('leaves what it was given as it was', () => {
    fc.assert(
      fc.property(inputs, operation, (before, last) => {
        const state = stateAfter(before);
        const touched = { record: state.records.get('ada') ?? null, marker: null };
        const text = JSON.stringify(touched);
        applyOperation(touched, last, 50);
        expect(JSON.stringify(touched)).toBe(text);
      }),
    );
  });

  it('journals an effect exactly when it answers applied, and one begin or end for each handler call', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const state = openStoreState();
        for (const input of all) {
          const { answer, journal } = step(state, input);
          const { name } = input.operation;
          const journalled = answer.outcome === 'applied' || name === 'begin-handler' || name === 'end-handler';
          expect(journal).toHaveLength(journalled ? 1 : 0);
        }
      }),
    );
  });

  it('under guard next applies each event once and in order, whatever comes in between', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const state = openStoreState();
        const effects = all
          .map(({ operation: each, nowMs }) => ({
            operation: each.name === 'apply' ? { ...each, guard: 'next' as const } : each,
            nowMs,
          }))
          .flatMap((input) => step(state, input).journal)
          .flatMap((body) => (body.type === 'effect' && body.user === 'ada' ? [body.sequence] : []));
        expect(effects).toEqual(effects.map((_sequence, index) => index + 1));
        expect(state.records.get('ada')?.fields.balance ?? 0).toBe(effects.length);
      }),
    );
  });

  it('refuses a key that would never have lived: that is a mistake of the caller', () => {
    const dead = { ...claim('e1'), ttlMs: 0 };
    expect(() => applyOperation({ record: null, marker: null }, dead, 0)).toThrow(InvariantError);
  });

  it('does not bring a record into being by an end that had no begin', () => {
    const end = handler('end-handler', 'c1#1');
    expect(applyOperation({ record: null, marker: null }, end, 0).record).toBeNull();
  });
});
