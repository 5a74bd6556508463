/** What the laws leave alone, and why: every case has burned somebody. Drawings are read by test/support/timeline.ts. */
import type { HistoryRecord } from '../../shared/model/history';
import type { SubscriptionType } from '../../shared/model/subscription';
import type { Verdict } from '../../shared/model/verdict';
import { type HeaderChoice, HistoryBuilder, NO_FLOORS } from '../support/history-builder';
import { judged } from '../support/judged';
import { historyOf } from '../support/timeline';

function on(subscriptionType: SubscriptionType): HeaderChoice {
  return { topology: { subscriptionType, consumerCount: 2, partitionCount: 0, receiverQueueSize: 10 } };
}

function ids({ anomalies }: Verdict): readonly string[] {
  return anomalies.map(({ id }) => id);
}

function found(drawing: string, choice: HeaderChoice = {}): readonly string[] {
  return ids(judged(historyOf(drawing, choice)));
}

describe('the replay rule', () => {
  it('asks for no order of a replay under Shared, which promises none', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 >2 X
      c2#1            >2 ?2 _2 >1 *1 ^1 *2 ^2`;
    expect(found(drawing, on('shared'))).toEqual(['D2']);
    expect(found(drawing, on('key-shared'))).toEqual(['D4', 'D2']);
  });

  it('accepts a repeat that arrives before the death of its holder is written down', () => {
    const drawing = `
      log   #1
      c1#1  >1    X
      c2#1     >1   *1 ^1`;
    expect(found(drawing)).toEqual(['D2']);
  });

  it('accuses a holder that did something after its message went to another', () => {
    const drawing = `
      log   #1
      c1#1  >1    *1    ^1 X
      c2#1     >1    =1      ^1`;
    expect(found(drawing)).toEqual(['D4', 'D5']);
  });

  it('leaves alone what never comes again: its acknowledgement reached the broker and its confirmation died', () => {
    const drawing = `
      log   #1 #2 #3
      c1#1  >1 *1 ~1 >2 X
      c2#1                >2 *2 ^2 >3 *3 ^3`;
    expect(found(drawing)).toEqual(['D2']);
  });

  it('takes a switch of the active consumer as a cause for everything unacknowledged', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1      *1    ^1 >2       =2 ^2
      c2#1     J >1    =1       >2 *2       ^1 ^2`;
    const verdict = judged(historyOf(drawing, on('failover')));
    expect(ids(verdict)).toEqual(['D2', 'D5']);
    expect(verdict.status).toBe('valid');
  });

  it('lets a message come back whose acknowledgement was only sent: a real client hears no answer to it', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 *1 ^1 L
      c2#1             >1 =1 ^1 >2 *2 ^2`;
    const verdict = judged(historyOf(drawing, { acknowledgements: 'sent' }));
    expect(ids(verdict)).toEqual(['D2']);
    expect(verdict.anomalies[0]?.how).toEqual({ 'acknowledgement-on-its-way': 1 });
    expect(found(drawing)).toEqual(['D4']);
  });

  it('lets a message arrive that had been handed to another before its acknowledgement, once', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1      *1 ^1
      c2#1     J          >1 =1 ^1 >2 *2 ^2`;
    const verdict = judged(historyOf(drawing, on('failover')));
    expect(ids(verdict)).toEqual(['D2']);
    expect(verdict.anomalies[0]?.how).toEqual({ switch: 1 });
    expect(found(drawing.replace('J', ' '), on('failover'))).toEqual(['D4']);
    expect(found(drawing.replace('=1 ^1', '=1 ^1 >1 =1 ^1'), on('failover'))).toEqual(['D4', 'D2']);
  });

  it('does not count a message as held once its acknowledgement was sent', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 *1 ~1    ^1
      c2#1           >2    *2 ^2`;
    expect(found(drawing)).toEqual([]);
  });

  it('does not call another message of an event a redelivery', () => {
    const drawing = `
      log   #1 #2 #1
      c1#1  >1 *1 ^1 >2 *2 ^2 >1' =1' ^1'`;
    const verdict = judged(historyOf(drawing));
    expect(ids(verdict)).toEqual(['W4']);
    expect(verdict.counts).toMatchObject({ redelivered: 0, duplicatesAbsorbed: 1 });
  });
});

describe('an overlap of handlers', () => {
  it('is none when the one that was open had died, even if its death is written down later', () => {
    const drawing = `
      log   #1
      c1#1  >1 [      X
      c2#1         [     >1 *1 ] ^1`;
    expect(found(drawing)).toEqual(['D2']);
  });

  it('is none when the one that was open had ended unheard, and begins again later', () => {
    const drawing = `
      log   #1 #2 #3
      c1#1  >1 [ *1 ^1                 >3 [ *3 ] ^3
      c2#1               >2 [ *2 ] ^2`;
    expect(found(drawing)).toEqual([]);
  });

  it('is seen when the one that was open goes on', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 *1 [ ~1        ^1 ]
      c2#1             >2 [            *2 ] ^2`;
    expect(found(drawing)).toEqual(['X8']);
  });
});

describe('what rests on sequences', () => {
  it('is only possible where an event stands twice in the log', () => {
    const drawing = `
      log   #1 #2 #1
      c1#1  >1 *1 ^1 >2 *2 >2 =2 ^2 >1' =1' ^1'`;
    const verdict = judged(historyOf(drawing));
    expect(verdict.anomalies.map(({ id, possibleCount }) => [id, possibleCount])).toEqual([
      ['D4', 1],
      ['W4', 0],
    ]);
    expect(verdict.status).toBe('unknown');
  });

  it('is only possible within the error of two clocks', () => {
    const drawing = `
      log   #1 #2
      c1#1  >2          *2 ^2
      c2#1     >1 *1 ^1`;
    const exact = judged(historyOf(drawing));
    const clocks = judged(historyOf(drawing, { orderedBy: 'clock', clockErrorMs: 5 }));
    expect(exact.anomalies.find(({ id }) => id === 'D3')?.possibleCount).toBe(0);
    expect(clocks.anomalies.find(({ id }) => id === 'D3')?.possibleCount).toBe(1);
  });
});

describe('idempotency keys', () => {
  it('are not poisoned when the holder of the key applies the event in the end', () => {
    const drawing = `
      log   #1
      c1#1  >1 +1          *1 ^1
      c2#1        >1 @1 ^1`;
    const choice: HeaderChoice = { strategy: 'claim-then-act', idempotencyKeys: false, ...on('shared') };
    expect(found(drawing, choice)).not.toContain('X9');
  });

  it('that expire are not missing', () => {
    /** The key of the first event is gone, that of the second will go. */
    const expiring = (record: HistoryRecord): readonly HistoryRecord[] => {
      if (record.stream !== 'Markers') return [record];
      return record.sequence === 1 ? [] : [{ ...record, expiresAtMs: 5 }];
    };
    const builder = new HistoryBuilder().join('c1#1').publish('ann', 1, 2).handled('c1#1', 'ann', 1, 2);
    expect(ids(judged(renumbered(builder.finish().flatMap(expiring))))).toEqual([]);
  });
});

/** Closes the holes that leaving out records made. */
function renumbered(records: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const counters = new Map<string, number>();
  return records.map((record) => {
    const n = (counters.get(record.recorder) ?? 0) + 1;
    counters.set(record.recorder, n);
    return { ...record, n };
  });
}

describe('effects', () => {
  it('that name another event than the log at their place are phantoms', () => {
    const builder = new HistoryBuilder().join('c1#1').publish('ann', 1).handled('c1#1', 'ann', 1);
    const records = builder
      .finish()
      .map((record) => (record.stream === 'Eff' && record.type === 'effect' ? { ...record, eventId: 'else' } : record));
    expect(judged(records).anomalies).toMatchObject([{ id: 'X6', how: { 'other-event': 1 } }]);
  });

  it('of a state that nothing reached are missing from it, and the lost events are the cause', () => {
    const builder = new HistoryBuilder().join('c1#1').publish('ann', 1);
    expect(judged(builder.finish()).anomalies.map(({ id, causedBy }) => [id, causedBy])).toEqual([
      ['D1', []],
      ['X1', ['D1']],
      ['X18', ['X1']],
    ]);
  });

  it('are not judged without their journal, but the read model still is', () => {
    const builder = new HistoryBuilder({ audit: false }).join('c1#1').publish('ann', 1, 2).handled('c1#1', 'ann', 1, 2);
    const records = renumbered(
      builder
        .applied('c1#1', 'ann', 2)
        .finish()
        .filter(({ stream }) => stream !== 'Eff'),
    );
    const verdict = judged(records);
    expect(ids(verdict)).toEqual(['X18']);
    expect(verdict.counts.applied).toBe(2);
  });
});

describe('a message that nobody can read', () => {
  const history = (consumer: string | null) => {
    const builder = new HistoryBuilder().join('c1#1').publish('ann', 1).handled('c1#1', 'ann', 1);
    builder.unreadable('ann', 2, consumer).publish('ann', 3);
    return judged(builder.handled('c1#1', 'ann', 3).finish());
  };

  it('excuses the hole that it leaves in log and effects, once it is kept aside', () => {
    const verdict = history('c1#1');
    expect(verdict.reasons.filter(() => verdict.status !== 'valid')).toEqual([]);
    expect(verdict.counts.quarantined).toBe(1);
  });

  it('is lost when nobody received it', () => {
    expect(history(null).anomalies).toMatchObject([{ id: 'D1', how: { unreadable: 1 } }, { id: 'X4' }]);
  });
});

describe('a context that does not listen to everything', () => {
  const choice = (unlistened: 'advance' | 'ignore'): HeaderChoice => ({
    context: { listensTo: ['UserCreated', 'UserCredited'], unlistened, identity: 'event' },
  });

  it('lets a filtered event move the version and no field', () => {
    const builder = new HistoryBuilder(choice('advance')).join('c1#1').publish('ann', 1, 2, 3);
    expect(judged(builder.handled('c1#1', 'ann', 1, 2, 3).finish()).status).toBe('valid');
  });

  it('may forget what it does not listen to: no loss, no hole, no early acknowledgement', () => {
    const builder = new HistoryBuilder(choice('ignore')).join('c1#1').publish('ann', 1, 2, 3, 4);
    builder.handled('c1#1', 'ann', 1, 2).received('c1#1', 'ann', 3).acked('c1#1', 'ann', 3).handled('c1#1', 'ann', 4);
    expect(ids(judged(builder.finish()))).toEqual([]);
  });
});

describe('floors', () => {
  const crashed = (floors: HeaderChoice['floors']) => {
    const builder = new HistoryBuilder(floors === undefined ? {} : { floors }).join('c1#1').join('c2#1');
    builder.publish('ann', 1, 2, 3).handled('c1#1', 'ann', 1).received('c1#1', 'ann', 2);
    builder.struck('crash', 'c1#1').crash('c1#1').handled('c2#1', 'ann', 2, 3);
    return judged(builder.finish());
  };

  it('are measured against the fault that struck, and hold', () => {
    const floors = {
      ...NO_FLOORS,
      ...{ consumerCountMin: 2, consumerShareMin: 0.05, contendedUserCountMin: 1, everyEventDelivered: true },
      ...{ appliedAroundFaultMin: 1, unacknowledgedAtCrashMin: 1, redeliveriesPerCrashMin: 1 },
    };
    const verdict = crashed(floors);
    expect(verdict.status).toBe('valid');
    expect(verdict.floors.map(({ required, reached }) => [required, reached])).toEqual([
      [2, 2],
      [1, 1],
      [3, 3],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it.each([
    ['consumerCountMin', 3],
    ['contendedUserCountMin', 2],
    ['appliedAroundFaultMin', 2],
    ['unacknowledgedAtCrashMin', 2],
    ['redeliveriesPerCrashMin', 2],
  ] as const)('make the run unknown when it stays below them: %s', (floor, required) => {
    const verdict = crashed({ ...NO_FLOORS, [floor]: required });
    expect(verdict.status).toBe('unknown');
    expect(verdict.floors).toMatchObject([{ required, reached: required - 1, holds: false }]);
  });

  it('count a pause as the death for which the broker took it', () => {
    const floors = { ...NO_FLOORS, unacknowledgedAtCrashMin: 1, redeliveriesPerCrashMin: 1 };
    const builder = new HistoryBuilder({ floors }).join('c1#1').join('c2#1').publish('ann', 1, 2);
    builder.received('c1#1', 'ann', 1).struck('pause', 'c1#1').handled('c2#1', 'ann', 1, 2);
    builder.faultEnded('pause', 'c1#1').answered('c1#1', 'ann', 1, 'apply', 'duplicate', true).acked('c1#1', 'ann', 1);
    const verdict = judged(builder.finish());
    expect(verdict.floors.map(({ reached }) => reached)).toEqual([1, 1]);
    expect(verdict.status).toBe('valid');
    expect(verdict.counts.crashes).toBe(0);
  });

  it('count what a store had forgotten as applied once more, by whomever', () => {
    const floors = { ...NO_FLOORS, appliedAroundFaultMin: 2 };
    const builder = new HistoryBuilder({ floors })
      .join('c1#1')
      .join('c2#1')
      .publish('ann', 1, 2, 3)
      .handled('c1#1', 'ann', 1, 2);
    builder.struck('store-restart', null).rollback('ann', 1).repaired('ann', 2).handled('c1#1', 'ann', 3);
    expect(judged(builder.finish()).floors).toMatchObject([{ required: 2, reached: 2, holds: true }]);
  });

  it('of faults are not reached when no fault struck', () => {
    const builder = new HistoryBuilder({ floors: { ...NO_FLOORS, appliedAroundFaultMin: 1 } }).join('c1#1');
    const verdict = judged(builder.publish('ann', 1).handled('c1#1', 'ann', 1).finish());
    expect(verdict.status).toBe('unknown');
  });
});
