import { STRATEGIES } from '../../consumers/strategies';
import { MEANING_EVENT_COUNT_MAX, REPAIR_EVENT_COUNT_MAX } from '../../consumers/strategies/step-action';
import type { UserEvent } from '../../shared/model/event';
import { InvariantError } from '../../shared/model/invariant';
import { STRATEGY_NAMES, type StrategyName } from '../../shared/model/strategy';
import { eventOf, loggedOf, type Walk, type Word, walk } from './walk';

interface Row {
  readonly law: string;
  readonly name: StrategyName;
  readonly told: readonly Word[];
  readonly asks: readonly string[];
  readonly given?: Walk;
}

const NONE = 'apply e5/5 none by c1#1';
const NEXT = 'apply e5/5 next by c1#1';
const DONE = ['ack', 'done applied'];

function created(sequence: number, name = 'Ada'): UserEvent {
  return { ...eventOf(sequence), type: 'UserCreated', data: { name, email: 'ada@example.org' } };
}

function renamed(sequence: number): UserEvent {
  return { ...eventOf(sequence), type: 'UserRenamed', data: { name: 'Grace' } };
}

function deleted(sequence: number): UserEvent {
  return { ...eventOf(sequence), type: 'UserDeleted', data: {} };
}

const SECOND_CREATION: Walk = { delivery: loggedOf(created(5)) };

const ROWS: readonly Row[] = [
  {
    law: 'acknowledges, then applies',
    name: 'ack-first',
    told: ['ok', 'applied'],
    asks: ['ack', NONE, 'done applied'],
  },
  { law: 'applies, then acknowledges', name: 'no-guard', told: ['applied', 'ok'], asks: [NONE, ...DONE] },
  {
    law: 'checks, applies, marks, acknowledges',
    name: 'check-act-mark',
    told: ['absent', 'applied', 'present', 'ok'],
    asks: ['check e5', NONE, 'set-marker e5 #5, without end', ...DONE],
  },
  {
    law: 'skips what is marked',
    name: 'check-act-mark',
    told: ['present', 'ok'],
    asks: ['check e5', 'ack', 'done absorbed'],
  },
  {
    law: 'claims, applies, acknowledges',
    name: 'claim-then-act',
    told: ['absent', 'applied', 'ok'],
    asks: ['claim-marker e5 #5, without end', NONE, ...DONE],
  },
  {
    law: 'skips what another has claimed',
    name: 'claim-then-act',
    told: ['present', 'ok'],
    asks: ['claim-marker e5 #5, without end', 'ack', 'done absorbed'],
  },
  {
    law: 'applies and marks in one call',
    name: 'atomic-setnx',
    told: ['applied', 'ok'],
    asks: ['apply e5/5 marker by c1#1, key without end', ...DONE],
  },
  {
    law: 'absorbs a repeat',
    name: 'atomic-setnx',
    told: ['duplicate', 'ok'],
    asks: ['apply e5/5 marker by c1#1, key 700', 'ack', 'done absorbed'],
    given: { settings: { markerTtlMs: 700 } },
  },
  {
    law: 'applies what is newer',
    name: 'version-newer',
    told: ['applied', 'ok'],
    asks: ['apply e5/5 newer by c1#1', ...DONE],
  },
  {
    law: 'drops what is stale',
    name: 'version-newer',
    told: ['stale', 'ok'],
    asks: ['apply e5/5 newer by c1#1', 'ack', 'done dropped'],
  },
  { law: 'applies what is next', name: 'version-next-park', told: ['applied', 'ok'], asks: [NEXT, ...DONE] },
  {
    law: 'waits at a gap with a free lane, asks again at the deadline, and never gives the message back',
    name: 'version-next-park',
    told: ['gap', 'told', 'gap', 'told', 'applied', 'ok'],
    asks: [NEXT, 'park gap, lane free, 100 ms', NEXT, 'park gap, lane free, 100 ms', NEXT, ...DONE],
    given: { settings: { onFailure: 'nack' } },
  },
  {
    law: 'keeps a conflict aside',
    name: 'version-next-park',
    told: ['conflict', 'noted', 'ok'],
    asks: [NEXT, 'quarantine 1:4:-1: sequence-conflict', 'ack', 'done quarantined'],
  },
  {
    law: 'applies again when its predecessor was applied',
    name: 'version-next-repair',
    told: ['gap', 'told', 'applied', 'ok'],
    asks: [NEXT, 'park gap, lane free, 100 ms', NEXT, ...DONE],
  },
  {
    law: 'fills a gap that lasts from the log, oldest first, then applies its own',
    name: 'version-next-repair',
    told: ['gap', 'due', [3, 4].map(eventOf).map(loggedOf), 'applied', 'duplicate', 'applied', 'ok'],
    asks: [
      NEXT,
      'park gap, lane free, 100 ms',
      'read ada 3..4',
      'apply e3/3 next by c1#1',
      'apply e4/4 next by c1#1',
      NEXT,
      ...DONE,
    ],
  },
  {
    law: 'waits again while the log has no predecessor either',
    name: 'version-next-repair',
    told: ['gap', 'due', [], 'gap', 'due'],
    asks: [NEXT, 'park gap, lane free, 100 ms', 'read ada 3..4', NEXT, 'park gap, lane free, 100 ms', 'read ada 3..4'],
  },
  {
    law: 'waits again at a hole in the log, and starts anew with its own event',
    name: 'version-next-repair',
    told: ['gap', 'due', [loggedOf(eventOf(4))], 'gap', 'told', 'applied', 'ok'],
    asks: [
      NEXT,
      'park gap, lane free, 100 ms',
      'read ada 3..4',
      'apply e4/4 next by c1#1',
      'park gap, lane free, 100 ms',
      NEXT,
      ...DONE,
    ],
  },
  {
    law: 'passes over a logged event in conflict: its own message will be kept aside',
    name: 'version-next-repair',
    told: ['gap', 'due', [loggedOf(eventOf(3))], 'conflict', 'conflict', 'noted', 'ok'],
    asks: [
      NEXT,
      'park gap, lane free, 100 ms',
      'read ada 3..4',
      'apply e3/3 next by c1#1',
      NEXT,
      'quarantine 1:4:-1: sequence-conflict',
      'ack',
      'done quarantined',
    ],
  },
  {
    law: 'moves the version only for logged events that this context does not listen to',
    name: 'version-next-repair',
    told: ['gap', 'due', [loggedOf({ ...eventOf(3), type: 'UserDeleted', data: {} })], 'applied'],
    asks: [NEXT, 'park gap, lane free, 100 ms', 'read ada 3..4', 'apply e3/3 next by c1#1, version only', NEXT],
    given: { settings: { listensTo: ['UserCredited'] } },
  },
  {
    law: 'publishes repaired results before its own',
    name: 'version-next-repair',
    told: ['gap', 'due', [loggedOf(eventOf(4))], 'applied', 'ok', 'applied', 'ok', 'ok'],
    asks: [
      NEXT,
      'park gap, lane free, 100 ms',
      'read ada 3..4',
      'apply e4/4 next by c1#1',
      'publish e4',
      NEXT,
      'publish e5',
      ...DONE,
    ],
    given: { settings: { publishesResult: true } },
  },
  {
    law: 'applies what is next and looks nothing up',
    name: 'semantic-guard',
    told: ['applied', 'ok'],
    asks: [NEXT, ...DONE],
  },
  {
    law: 'moves the version only for a creation that the log holds before, whatever its id',
    name: 'semantic-guard',
    told: [[created(1), renamed(2), eventOf(4)].map(loggedOf), 'applied', 'ok'],
    asks: ['read ada 1..4', `${NEXT}, version only`, ...DONE],
    given: SECOND_CREATION,
  },
  {
    law: 'applies a creation of another meaning',
    name: 'semantic-guard',
    told: [[created(1, 'Eve')].map(loggedOf), 'applied', 'ok'],
    asks: ['read ada 1..4', NEXT, ...DONE],
    given: SECOND_CREATION,
  },
  {
    law: 'applies a creation after a deletion, which nothing before it means',
    name: 'semantic-guard',
    told: [[created(1), deleted(2)].map(loggedOf), 'applied', 'ok'],
    asks: ['read ada 1..4', NEXT, ...DONE],
    given: SECOND_CREATION,
  },
  {
    law: 'looks again after a wait, and fills a gap by the same rule',
    name: 'semantic-guard',
    told: [
      [loggedOf(created(1))],
      ...(['gap', 'due'] as const),
      [created(3), eventOf(4)].map(loggedOf),
      [loggedOf(created(1))],
      ...(['applied', 'applied'] as const),
      [created(1), created(3)].map(loggedOf),
      'applied',
    ],
    asks: [
      'read ada 1..4',
      `${NEXT}, version only`,
      'park gap, lane free, 100 ms',
      'read ada 3..4',
      'read ada 1..2',
      'apply e3/3 next by c1#1, version only',
      'apply e4/4 next by c1#1',
      'read ada 1..4',
      `${NEXT}, version only`,
      'ack',
    ],
    given: SECOND_CREATION,
  },
];

/** The answers that lead through the happy path, and all that is asked for on it. */
const HAPPY: Readonly<Record<StrategyName, readonly Word[]>> = {
  'ack-first': ['ok', 'applied'],
  'no-guard': ['applied', 'ok'],
  'check-act-mark': ['absent', 'applied', 'present', 'ok'],
  'claim-then-act': ['absent', 'applied', 'ok'],
  'atomic-setnx': ['applied', 'ok'],
  'version-newer': ['applied', 'ok'],
  'version-next-park': ['applied', 'ok'],
  'version-next-repair': ['applied', 'ok'],
  'semantic-guard': ['applied', 'ok'],
};
const VERSIONED = ['version-newer', 'version-next-park', 'version-next-repair', 'semantic-guard'] as const;

describe('a strategy', () => {
  it.each(ROWS)('$name $law', ({ name, told, asks, given }) => {
    expect(walk(name, told, given)).toEqual(asks);
  });

  it.each(STRATEGY_NAMES)('%s is registered under its own name and says its steps in one line', (name) => {
    expect(STRATEGIES[name].name).toBe(name);
    expect(STRATEGIES[name].summary).toMatch(/^[^\n]{5,120}$/);
  });

  it.each(STRATEGY_NAMES)('%s refuses to go on after done: that is a mistake of its driver', (name) => {
    expect(() => walk(name, [...HAPPY[name], 'ok'])).toThrow(InvariantError);
  });

  it.each(VERSIONED)('%s sets an idempotency key in the same call where the settings ask for one', (name) => {
    const given = { settings: { idempotencyKeys: true, markerTtlMs: 60 } };
    expect(walk(name, [], given)[0]).toMatch(/^apply .*, key 60$/);
  });

  it('asks the log for no more events at a time than the limit', () => {
    const far = eventOf(REPAIR_EVENT_COUNT_MAX + 100);
    const [, , read] = walk('version-next-repair', ['gap', 'due'], { delivery: loggedOf(far) });
    expect(read).toBe(`read ada 3..${REPAIR_EVENT_COUNT_MAX + 2}`);
  });

  it('looks for a meaning in no more predecessors than the limit', () => {
    const sequence = MEANING_EVENT_COUNT_MAX + 100;
    const [read] = walk('semantic-guard', [], { delivery: loggedOf(created(sequence)) });
    expect(read).toBe(`read ada 100..${sequence - 1}`);
  });
});

describe('after a failure', () => {
  const CUTS = STRATEGY_NAMES.flatMap((name) => HAPPY[name].map((_word, index) => ({ name, index })));

  it.each(CUTS)('$name asks again for action $index and loses nothing of its way', ({ name, index }) => {
    const told = HAPPY[name];
    const undisturbed = walk(name, told);
    const again = undisturbed[index] === 'ack' ? 'ok' : 'due';
    const pause = undisturbed[index] === 'ack' ? 'sleep 10 ms' : 'park handler-failed, lane held, 10 ms';
    const disturbed = walk(name, [...told.slice(0, index), 'lost', again, ...told.slice(index)]);
    expect(disturbed).toEqual([...undisturbed.slice(0, index + 1), pause, ...undisturbed.slice(index)]);
  });

  const WORK_CUTS = CUTS.filter(({ name, index }) => walk(name, HAPPY[name])[index] !== 'ack');

  it.each(WORK_CUTS)('$name gives the message back at action $index under the policy nack', ({ name, index }) => {
    const told = HAPPY[name];
    const before = walk(name, told.slice(0, index));
    const after = walk(name, [...told.slice(0, index), 'failed', 'ok'], { settings: { onFailure: 'nack' } });
    expect(after).toEqual([...before, 'nack', 'done returned']);
  });

  it('a failed acknowledgement is repeated under either policy: it is never a reason to give back', () => {
    const lines = walk('no-guard', ['applied', 'failed', 'ok', 'ok'], { settings: { onFailure: 'nack' } });
    expect(lines).toEqual([NONE, 'ack', 'sleep 10 ms', 'ack', 'done applied']);
  });

  it('a failed negative acknowledgement is repeated', () => {
    const lines = walk('no-guard', ['failed', 'failed', 'ok', 'ok'], { settings: { onFailure: 'nack' } });
    expect(lines).toEqual([NONE, 'nack', 'sleep 10 ms', 'nack', 'done returned']);
  });

  it('a failed publish is repeated without applying again', () => {
    const lines = walk('no-guard', ['applied', 'lost', 'due', 'ok', 'ok'], { settings: { publishesResult: true } });
    const held = 'park handler-failed, lane held, 10 ms';
    expect(lines).toEqual([NONE, 'publish e5', held, 'publish e5', ...DONE]);
  });
});

describe('in derived-topic mode', () => {
  const given = { settings: { publishesResult: true } };

  it.each(STRATEGY_NAMES)('%s publishes between its work and the end of its way', (name) => {
    const told = HAPPY[name];
    const ackLast = told.at(-1) === 'ok';
    const lines = walk(name, [...told, 'ok'], given);
    const plain = walk(name, told);
    const tail = ackLast ? 2 : 1;
    expect(lines).toEqual([...plain.slice(0, -tail), 'publish e5', ...plain.slice(-tail)]);
  });

  it.each(['atomic-setnx', 'version-next-park', 'version-next-repair', 'semantic-guard'] as const)(
    '%s publishes for a duplicate as well: a crash may have come before the first publish',
    (name) => {
      expect(walk(name, ['duplicate', 'ok', 'ok'], given).slice(1)).toEqual(['publish e5', 'ack', 'done absorbed']);
    },
  );

  it('nothing is published for an event that was dropped as stale', () => {
    expect(walk('version-newer', ['stale', 'ok'], given).slice(1)).toEqual(['ack', 'done dropped']);
  });
});

describe('an event that nobody listens to', () => {
  const unlistened = { listened: false };

  it.each(STRATEGY_NAMES)('%s applies without changing the model and publishes nothing', (name) => {
    const lines = walk(name, HAPPY[name], { delivery: unlistened, settings: { publishesResult: true } });
    const plain = walk(name, HAPPY[name]);
    expect(lines).toEqual(plain.map((line) => (line.startsWith('apply') ? `${line}, version only` : line)));
  });

  it.each(STRATEGY_NAMES)('%s only acknowledges it where the context ignores such events', (name) => {
    const lines = walk(name, ['ok'], { delivery: unlistened, settings: { unlistened: 'ignore' } });
    expect(lines).toEqual(['ack', 'done dropped']);
  });

  it('is skipped in a repair as well where the context ignores such events, so the gap stays', () => {
    const given = { settings: { unlistened: 'ignore', listensTo: ['UserCredited'] } } as const;
    const deleted = loggedOf({ ...eventOf(4), type: 'UserDeleted', data: {} });
    expect(walk('version-next-repair', ['gap', 'due', [deleted], 'gap'], given).slice(2)).toEqual([
      'read ada 3..4',
      NEXT,
      'park gap, lane free, 100 ms',
    ]);
  });
});
