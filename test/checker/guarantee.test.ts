import { ANOMALY_IDS } from '../../shared/model/anomaly';
import { guaranteesOf, type Promising } from '../../shared/model/guarantee';
import { CLAIMS, type Fault } from '../../shared/model/plan';
import { STRATEGY_NAMES } from '../../shared/model/strategy';
import { SUBSCRIPTION_TYPES, type SubscriptionType } from '../../shared/model/subscription';
import { ALWAYS } from '../../shared/scenarios/defaults';

function promising(choice: Partial<Promising> = {}, subscriptionType: SubscriptionType = 'key-shared'): Promising {
  return {
    ...{ claim: 'order+once', strategy: 'version-next-repair', idempotencyKeys: true, audit: true },
    ...{ onFailure: 'park', resultTopic: true },
    topology: { subscriptionType, consumerCount: 2, partitionCount: 0, receiverQueueSize: 10 },
    ...choice,
  };
}

describe('guarantees', () => {
  it('forbid lost, repeated and reordered effects under order+once, whatever the topology and strategy', () => {
    for (const type of SUBSCRIPTION_TYPES)
      for (const strategy of STRATEGY_NAMES) {
        const guarantees = guaranteesOf(promising({ strategy }, type));
        for (const id of ['X1', 'X2', 'X3', 'X4', 'X5', 'X6', 'X18'] as const) expect(guarantees[id]).toBe('forbidden');
      }
  });

  it('allow reorders, and only those, under once', () => {
    const strict = guaranteesOf(promising());
    const once = guaranteesOf(promising({ claim: 'once' }));
    const differing = ANOMALY_IDS.filter((id) => strict[id] !== once[id]);
    expect(differing).toEqual(['X3', 'X4', 'X5']);
    expect(once.X3).toBe('allowed');
  });

  it('forbid nothing under no claim', () => {
    for (const type of SUBSCRIPTION_TYPES)
      expect(Object.values(guaranteesOf(promising({ claim: 'none' }, type)))).not.toContain('forbidden');
  });

  it.each([
    ['exclusive', 'forbidden', 'forbidden', 'forbidden'],
    ['failover', 'forbidden', 'measured', 'measured'],
    ['key-shared', 'forbidden', 'forbidden', 'forbidden'],
    ['shared', 'measured', 'not-applicable', 'measured'],
  ] as const)('on %s: D3 %s, D5 %s, X8 %s', (type, d3, d5, x8) => {
    expect(guaranteesOf(promising({}, type))).toMatchObject({ D3: d3, D5: d5, X8: x8 });
  });

  it.each<Fault>([
    { kind: 'pause', at: 'before:apply', event: { user: 'ann', sequence: 1 } },
    { kind: 'unload', when: ALWAYS },
    { kind: 'broker-restart', when: ALWAYS },
    { kind: 'broker-kill', when: ALWAYS },
  ])('leave old holders at work after a $kind, and forbid none of their harm', (fault) => {
    const strict = guaranteesOf(promising());
    const faulty = guaranteesOf(promising({ faults: [fault] }));
    const differing = ANOMALY_IDS.filter((id) => strict[id] !== faulty[id]);
    expect(differing).toEqual(['D5', 'X8']);
    expect(faulty).toMatchObject({ D5: 'measured', X8: 'measured' });
  });

  it('stand after faults of consumers that everybody sees', () => {
    const faults: readonly Fault[] = [
      { kind: 'restart', when: ALWAYS },
      { kind: 'crash', at: 'before:ack', when: ALWAYS, replaced: true },
    ];
    expect(guaranteesOf(promising({ faults }))).toEqual(guaranteesOf(promising()));
  });

  it('let successors overtake where failures are negatively acknowledged', () => {
    expect(guaranteesOf(promising({ onFailure: 'nack' }))).toMatchObject({ D3: 'measured', D6: 'allowed' });
  });

  it('cannot judge effects without their journal, keys without keys, results without a topic', () => {
    expect(guaranteesOf(promising({ audit: false }))).toMatchObject({ X1: 'not-applicable', X18: 'forbidden' });
    expect(guaranteesOf(promising({ idempotencyKeys: false }))).toMatchObject({ X9: 'not-applicable' });
    expect(guaranteesOf(promising({ idempotencyKeys: false, strategy: 'claim-then-act' })).X9).toBe('measured');
    expect(guaranteesOf(promising({ resultTopic: false })).X21).toBe('not-applicable');
  });

  it('never forbid a class of the checker itself: those make a run unknown', () => {
    for (const claim of CLAIMS) expect(guaranteesOf(promising({ claim }))).toMatchObject({ H1: 'measured' });
  });
});
