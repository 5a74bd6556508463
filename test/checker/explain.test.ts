import { explain, witnessUser } from '../../shared/checker/explain';
import { TIMELINE_WIDTH_MAX } from '../../shared/checker/timeline';
import type { HistoryRecord } from '../../shared/model/history';
import { type HeaderChoice, HistoryBuilder } from '../support/history-builder';
import { judged } from '../support/judged';
import { historyOf } from '../support/timeline';

const SHARED: HeaderChoice = {
  topology: { subscriptionType: 'shared', consumerCount: 2, partitionCount: 0, receiverQueueSize: 0 },
  strategy: 'no-guard',
  idempotencyKeys: false,
};

/** Roots first, then consequences; measured classes left out. */
function breaches(records: readonly HistoryRecord[]): readonly string[] {
  return judged(records)
    .anomalies.filter(({ status }) => status !== 'measured')
    .map(({ id }) => id);
}

function explained(records: readonly HistoryRecord[], user = 'ann'): string {
  return explain({ records, verdict: judged(records), user });
}

describe('a drawing is a history', () => {
  it('two consumers of a Shared subscription swap two events', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1          *1 ^1
      c2#1     >2 *2 ^2`;
    expect(breaches(historyOf(drawing, SHARED))).toEqual(['X3', 'X4', 'X5', 'X18']);
  });

  it('a crash between the effect and its key lets the event be applied twice', () => {
    const drawing = `
      log   #1
      c1#1  >1 -1 *1 X
      c2#1             >1 -1 *1 +1 ^1`;
    expect(breaches(historyOf(drawing, { strategy: 'check-act-mark', idempotencyKeys: false }))).toEqual([
      'X10',
      'X2',
      'X18',
    ]);
  });

  it('a crash before the acknowledgement is a legal redelivery, absorbed', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 *1 >2 *2 ~2 X
      c2#1                   >1 =1 ^1 >2 =2 ^2`;
    const records = historyOf(drawing);
    expect(judged(records).status).toBe('valid');
    expect(judged(records).anomalies.map(({ id }) => id)).toEqual(['D2']);
  });

  it('an acknowledgement sent first loses the event in a crash', () => {
    const drawing = `
      log   #1 #2
      c1#1  >1 ^1 *1 >2 ^2 X`;
    expect(breaches(historyOf(drawing, { strategy: 'ack-first' }))).toEqual(['X1', 'X18']);
  });
});

describe('a store that goes back in time', () => {
  const drawing = `
log     #1 #2

c1#1    >1 *1 ^1 >2 *2 ^2
store                     <1`.slice(1);

  it('loses what nobody applies again', () => {
    expect(breaches(historyOf(drawing))).toEqual(['X1', 'X18']);
  });

  it('is drawn with how far it went back, and the drawing is read back', () => {
    const records = historyOf(drawing);
    const drawn = explained(records).split('\n\n').slice(1, 3).join('\n\n');
    expect(drawn).toBe(drawing);
    expect(historyOf(drawn)).toEqual(records);
  });
});

describe('an explanation', () => {
  const swapped = `
log     #1 #2

c1#1    >1          *1 ^1
c2#1       >2 *2 ^2`.slice(1);

  it('draws what happened, a lane per consumer, with the verdict under it, causes first', () => {
    expect(explained(historyOf(swapped, SHARED))).toBe(
      `user ann: shared, no-guard, claim order+once

${swapped}

invalid: events swapped (X3)
  events swapped (X3): ann #2 was applied before #1
  applied over a hole (X4): ann #2 was applied while #1 had not been, because of: events swapped (X3)
  older event written over newer (X5): ann #1 was written over a state that held #2, because of: events swapped (X3)
  read model differs from the log (X18): the state of ann stands at another version than the log, because of: events swapped (X3), older event written over newer (X5)

>n received | *n applied | ^n acknowledged`,
    );
  });

  it('is read back as the history that it was drawn from', () => {
    const records = historyOf(swapped, SHARED);
    const drawing = explained(records).split('\n\n').slice(1, 3).join('\n\n');
    expect(historyOf(drawing, SHARED)).toEqual(records);
  });

  it('stays within its width and height for a long story, and says what it left out', () => {
    const builder = new HistoryBuilder();
    const sequences = Array.from({ length: 500 }, (_, index) => index + 1);
    builder
      .join('c1#1')
      .publish('ann', ...sequences)
      .handled('c1#1', 'ann', ...sequences);
    builder.applied('c1#1', 'ann', 250);
    const text = explained(builder.finish());
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > TIMELINE_WIDTH_MAX && !line.startsWith('  '))).toEqual([]);
    expect(lines.length).toBeLessThan(40);
    expect(text).toContain('>250');
    expect(text).not.toContain('>249');
    expect(text).toContain('steps of other events and consumers are not drawn');
  });

  it('starts from the user of the first root', () => {
    const builder = new HistoryBuilder();
    builder.join('c1#1').publish('ann', 1).publish('bob', 1).handled('c1#1', 'ann', 1).handled('c1#1', 'bob', 1);
    expect(witnessUser(judged(builder.finish()))).toBeNull();
    const broken = new HistoryBuilder();
    broken.join('c1#1').publish('ann', 1).publish('bob', 1).handled('c1#1', 'ann', 1).handled('c1#1', 'bob', 1);
    expect(witnessUser(judged(broken.applied('c1#1', 'bob', 1).finish()))).toBe('bob');
  });
});
