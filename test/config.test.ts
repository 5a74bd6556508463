import {
  CONSUMER_COUNT_MAX,
  EVENT_COUNT_MAX,
  PARTITION_COUNT_MAX,
  planOf,
  RECEIVER_QUEUE_SIZE_MAX,
  type RunInput,
  readRunInput,
  scenarioPlan,
  USER_COUNT_MAX,
} from '../shared/config';
import type { Plan, Point } from '../shared/model/plan';
import { KEY_USE, STRATEGY_NAMES } from '../shared/model/strategy';
import { SCENARIOS } from '../shared/scenarios/registry';

const SOURCES = { seed: '7', eventCount: 1_000, killAt: (): Point => 'before:ack' };

function plan(input: RunInput, sources: Partial<Parameters<typeof planOf>[1]> = {}): Plan {
  return planOf(readRunInput(input), { ...SOURCES, ...sources });
}

/** The sentence of the usage error. */
function refusal(input: unknown): string {
  try {
    readRunInput(input as RunInput);
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'USAGE', exitCode: 64 });
    return (thrown as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('the input of a run', () => {
  it('may be empty: everything has a default', () => {
    expect(plan({})).toMatchObject({
      ...{ scenario: 'ad-hoc', seed: '7', strategy: 'version-next-repair', claim: 'order+once', audit: true },
      ...{ idempotencyKeys: true, onFailure: 'park', publishesResult: false, rate: null, faults: [], gates: [] },
      topology: { subscriptionType: 'key-shared', consumerCount: 4, partitionCount: 0, receiverQueueSize: 100 },
      workload: { kind: 'synthetic', users: 1_000, events: 20_000, skew: 'zipf:1.1' },
      floors: { consumerCountMin: 2, consumerShareMin: 0.05, contendedUserCountMin: 10, everyEventDelivered: true },
    });
  });

  it('takes the text of a command line', () => {
    const input = { consumers: '8', partitions: '16', users: '10', events: '50', idempotencyKeys: 'off', audit: 'off' };
    expect(plan({ ...input, topology: 'failover' } as RunInput)).toMatchObject({
      topology: { subscriptionType: 'failover', consumerCount: 8, partitionCount: 16 },
      workload: { users: 10, events: 50 },
      idempotencyKeys: false,
      audit: false,
    });
  });

  it('is refused with all its problems in one sentence, each ending in what was given', () => {
    const problem = refusal({ topology: 'ring', consumers: '0', events: 'many', skew: 'steep', claim: 'perhaps' });
    expect(problem.split('; ')).toHaveLength(5);
    for (const [option, given] of [
      ['topology', 'ring'],
      ['consumers', '0'],
      ['events', 'many'],
      ['skew', 'steep'],
      ['claim', 'perhaps'],
    ])
      expect(problem).toMatch(new RegExp(`--${option}: [^;]+, got "${given}"`));
  });

  it('names an option as it is typed', () => {
    expect(refusal({ receiverQueueSize: '-1' })).toMatch(/^--receiver-queue-size: /);
    expect(refusal({ idempotencyKeys: 'maybe' })).toMatch(/^--idempotency-keys: .*got "maybe"$/);
  });

  it.each<[keyof RunInput, number, number]>([
    ['consumers', 1, CONSUMER_COUNT_MAX],
    ['partitions', 0, PARTITION_COUNT_MAX],
    ['receiverQueueSize', 0, RECEIVER_QUEUE_SIZE_MAX],
    ['users', 1, USER_COUNT_MAX],
    ['events', 1, EVENT_COUNT_MAX],
  ])('takes %s from %d to %d and nothing beyond or between', (option, min, max) => {
    for (const good of [min, max]) expect(readRunInput({ [option]: String(good) })[option]).toBe(good);
    for (const bad of [min - 1, max + 1, min + 0.5, 'x']) refusal({ [option]: String(bad) });
  });

  it.each(['uniform', 'zipf:1', 'zipf:0.99', 'hot:0.5', 'hot:.5'])('takes the skew %s', (skew) => {
    expect(readRunInput({ skew }).skew).toBe(skew);
  });

  it.each(['zipf', 'zipf:-1', 'hot:1', 'hot:50', 'Uniform', ''])('refuses the skew "%s"', (skew) => {
    expect(refusal({ skew })).toContain('must be uniform, zipf:S or hot:SHARE');
  });

  it('takes a rate above zero, or the recorded time', () => {
    expect(plan({ rate: '12.5' }).rate).toEqual({ perSecond: 12.5 });
    expect(plan({ trace: 'etcd', rate: 'trace', speedup: '100' }).rate).toEqual({ traceSpeedup: 100 });
    for (const rate of ['0', '-1', 'fast', 'Infinity']) refusal({ rate });
  });

  it.each<[string, RunInput, string]>([
    ['a second Exclusive consumer', { topology: 'exclusive', consumers: '2' }, '--consumers: .*, got "2"'],
    ['users beside a trace', { trace: 'etcd', users: '9' }, '--users: a trace brings its own events, got "9"'],
    ['events beside a trace', { trace: 'etcd', events: '9' }, '--events: .*, got "9"'],
    ['a skew beside a trace', { trace: 'etcd', skew: 'uniform' }, '--skew: .*, got "uniform"'],
    ['recorded times of nothing recorded', { rate: 'trace' }, '--rate: .*, got "trace"'],
    ['a speed-up of a rate', { rate: '9', speedup: '2' }, '--speedup: needs --rate trace, got "2"'],
  ])('is refused where one option rules another out: %s', (_, input, sentence) => {
    expect(refusal(input)).toMatch(new RegExp(`^${sentence}$`));
  });

  it('knows its options: another one is a mistake of the caller', () => {
    expect(refusal({ consumer: '4' })).toContain('consumer');
  });
});

describe('the plan of an ad-hoc run', () => {
  it.each([
    ['exclusive', 1, 0],
    ['failover', 4, 4],
    ['shared', 4, 0],
    ['key-shared', 4, 0],
  ] as const)('on %s has %d consumers and %d partitions unless told', (topology, consumerCount, partitionCount) => {
    expect(plan({ topology }).topology).toMatchObject({ consumerCount, partitionCount });
  });

  it('asks for one busy consumer on exclusive, where there can be no second', () => {
    expect(plan({ topology: 'exclusive' }).floors.consumerCountMin).toBe(1);
  });

  it.each(STRATEGY_NAMES)('uses idempotency keys with %s as the strategy does', (strategy) => {
    const [on, off] = (['on', 'off'] as const).map((idempotencyKeys) => plan({ strategy, idempotencyKeys }));
    const expected = { always: [true, true], never: [false, false], 'as-configured': [true, false] }[KEY_USE[strategy]];
    expect([on?.idempotencyKeys, off?.idempotencyKeys]).toEqual(expected);
  });

  it('kills one half way, with a delivery unacknowledged, and then asks for what a crash must show', () => {
    const { faults, floors } = plan({ killOne: true });
    expect(faults).toEqual([
      {
        ...{ kind: 'crash', at: 'before:ack', replaced: false },
        when: { appliedCountMin: 500, unacknowledgedCountMin: 1, event: null },
      },
    ]);
    expect(floors).toMatchObject({
      ...{ appliedAroundFaultMin: 100, unacknowledgedAtCrashMin: 1, redeliveriesPerCrashMin: 1 },
    });
  });

  it('replaces the only consumer that an Exclusive subscription may have', () => {
    expect(plan({ killOne: true, topology: 'exclusive' }).faults).toMatchObject([{ kind: 'crash', replaced: true }]);
  });

  it('spreads several kills over the run and replaces each victim', () => {
    const { faults } = plan({ kills: 3 });
    expect(faults).toMatchObject(
      [250, 500, 750].map((appliedCountMin) => ({ replaced: true, when: { appliedCountMin } })),
    );
  });

  it('kills as soon as its floor is met where nobody knows the length', () => {
    expect(plan({ killOne: true, trace: '-' }, { eventCount: null }).faults).toMatchObject([
      { when: { appliedCountMin: 100 } },
    ]);
  });

  it('plays a trace whole, whatever else a synthetic workload would have', () => {
    expect(plan({ trace: 'etcd' }).workload).toEqual({ kind: 'trace', trace: 'etcd', limit: null });
  });
});

describe('the plan of a scenario', () => {
  it.each(SCENARIOS)('$name is its own, with a name and a seed', (scenario) => {
    expect(scenarioPlan(scenario, '9')).toEqual({ ...scenario.plan, scenario: scenario.name, seed: '9' });
  });
});
