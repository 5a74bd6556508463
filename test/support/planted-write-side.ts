/** Planted anomalies of the write side: what writers, clients and readers do wrong, and the right way of the same. */
import type { AnomalyId } from '../../shared/model/anomaly';
import type { AppBody, CmdBody, HistoryRecord, LogBody } from '../../shared/model/history';
import { appendOf, eventOf, type HistoryBuilder } from './history-builder';

/** What planted.ts makes a piece of. */
export interface WritePiece {
  readonly name: string;
  readonly roots: readonly AnomalyId[];
  readonly consequences?: readonly AnomalyId[];
  readonly measured?: readonly AnomalyId[];
  readonly how: string | null;
  readonly valid: (builder: HistoryBuilder) => unknown;
  readonly invalid: (builder: HistoryBuilder) => unknown;
  readonly edit?: (records: readonly HistoryRecord[]) => readonly HistoryRecord[];
}

const A = 'm1#1';

/** Three events of one user, decided, published and applied. */
function decided(builder: HistoryBuilder): HistoryBuilder {
  return builder.join(A).publish('ann', 1, 2, 3).handled(A, 'ann', 1, 2, 3);
}

/** The event store holds the user's event in another way than a careful writer would have left it. */
function stored(builder: HistoryBuilder, sequence: number, change: Partial<AppBody> | null): HistoryBuilder {
  builder.appends.set(`ann-${sequence}`, change);
  return builder;
}

/** Two events were appended by the first owner of a shard, and one by the next, which was granted it behind `after` entries. */
function granted(builder: HistoryBuilder, after: number): HistoryBuilder {
  const shard = 'shard-1';
  builder.grants.push({ shard, epoch: 1, owner: 'w1', after: 0 }, { shard, epoch: 2, owner: 'w2', after });
  for (const sequence of [1, 2]) stored(builder, sequence, { writer: 'w1', authority: { shard, epoch: 1 } });
  return stored(builder, 3, { writer: 'w2', authority: { shard, epoch: 2 } });
}

function asked(builder: HistoryBuilder, command: string, expectedVersion: number | null = null): HistoryBuilder {
  const facts = { stream: 'Cmd', session: 's1', command, user: 'ann', writer: 'w1', expectedVersion } as const;
  return builder.record('client', { ...facts, type: 'invoke', operation: 'credit' });
}

type Answer = Partial<
  Pick<Extract<CmdBody, { readonly type: 'return' }>, 'outcome' | 'code' | 'eventId' | 'sequence' | 'replayed'>
>;

function told(builder: HistoryBuilder, command: string, answer: Answer, expectedVersion: number | null = null) {
  const { sequence = null } = answer;
  const facts = { stream: 'Cmd', session: 's1', command, user: 'ann', writer: 'w1', expectedVersion } as const;
  const eventId = sequence === null ? null : `ann-${sequence}`;
  const given = { eventId, outcome: 'accepted', code: null, sequence, replayed: false, ...answer } as const;
  return builder.record('client', { ...facts, type: 'return', ...given });
}

/** A command that is accepted with the user's event at this place. */
function accepted(builder: HistoryBuilder, sequence: number, replayed = false): HistoryBuilder {
  return told(asked(builder, `make-ann-${sequence}`), `make-ann-${sequence}`, { sequence, replayed });
}

/** Refused after its record was pruned, for what stands there: the event that the answer names, or the version. */
function refusedFor(builder: HistoryBuilder, command: string, eventId: string) {
  return told(asked(builder, command), command, { outcome: 'refused', code: 'USER_EXISTS', eventId });
}

function refused(builder: HistoryBuilder, command: string, code: string, expectedVersion: number | null = null) {
  return told(asked(builder, command, expectedVersion), command, { outcome: 'refused', code }, expectedVersion);
}

function observed(builder: HistoryBuilder, version: number): HistoryBuilder {
  return builder.record('client', {
    ...{ stream: 'Obs', type: 'read', session: 's1', user: 'ann', version, atLeast: null },
  });
}

function placeOf(sequence: number, producer = 'p1') {
  const eventId = `ann-${sequence}`;
  return { stream: 'Pub', producer, topic: 'events', eventId, user: 'ann', sequence } as const;
}

/** An attempt to publish the user's fourth event; null: nobody ever heard how it ended. */
function attempted(builder: HistoryBuilder, outcome: 'fail' | null): HistoryBuilder {
  builder.record('producer', { ...placeOf(4), type: 'invoke' });
  return outcome === null ? builder : answered(builder, 4, outcome);
}

function answered(builder: HistoryBuilder, sequence: number, outcome: 'ok' | 'fail', producer = 'p1') {
  return builder.record('producer', { ...placeOf(sequence, producer), type: 'return', outcome, messageId: null });
}

/** Sent together; the event of `stored` is, the other one fails. */
function halfStored(builder: HistoryBuilder, together: readonly [number, number], stored: number): HistoryBuilder {
  for (const sequence of together) builder.record('producer', { ...placeOf(sequence), type: 'invoke' });
  for (const sequence of together) answered(builder, sequence, sequence === stored ? 'ok' : 'fail');
  return builder.smuggled('ann', stored);
}

function sentAlone(builder: HistoryBuilder, sequence: number, producer = 'p1'): HistoryBuilder {
  builder.record('producer', { ...placeOf(sequence, producer), type: 'invoke' });
  return answered(builder, sequence, 'ok', producer).smuggled('ann', sequence);
}

/** The entries of these events lie where the change says. */
function movedInLog(records: readonly HistoryRecord[], eventIds: readonly string[], change: Partial<LogBody>) {
  return records.map((record) =>
    record.stream === 'Log' && eventIds.includes(record.event?.id ?? '') ? { ...record, ...change } : record,
  );
}

const APPENDS: readonly WritePiece[] = [
  {
    ...{ name: 'w1', roots: ['W1'], how: null, valid: decided },
    invalid: (builder) => decided(builder).publishRival('ann', 3),
  },
  {
    ...{ name: 'w2', roots: ['W2'], how: null, valid: decided },
    invalid: (builder) => stored(decided(builder), 3, { readVersion: 1 }),
  },
  {
    ...{ name: 'w3-same-user', roots: ['W3'], how: 'same-user' },
    /** What is deleted may be created again. */
    valid: (builder) => {
      stored(decided(builder), 2, { event: 'UserDeleted', email: null });
      stored(builder, 3, { event: 'UserCreated', email: 'new@example.org' });
    },
    invalid: (builder) => stored(decided(builder), 3, { event: 'UserCreated', email: 'ann@example.org' }),
  },
  {
    ...{ name: 'w3-same-email', roots: ['W3'], how: 'same-email' },
    /** The e-mail was given back before another user took it. */
    valid: (builder) => {
      decided(builder).publish('bea', 1).handled(A, 'bea', 1);
      builder.appends.set('bea-1', { email: 'ANN@example.org' });
    },
    invalid: (builder) => {
      decided(builder).publish('bea', 1).handled(A, 'bea', 1);
      builder.appends.set('bea-1', { email: 'Ann3@x.org' });
    },
  },
  {
    ...{ name: 'w5-foreign', roots: ['W5'], how: 'foreign' },
    /** What failed was sent again before anybody else's event came. */
    valid: (builder) => {
      sentAlone(sentAlone(halfStored(decided(builder), [4, 5], 4), 5), 6, 'p2').handled(A, 'ann', 4, 5, 6);
    },
    invalid: (builder) => {
      sentAlone(sentAlone(halfStored(decided(builder), [4, 6], 4), 5, 'p2'), 6).handled(A, 'ann', 4, 5, 6);
    },
  },
  {
    ...{ name: 'w5-reordered', roots: ['W5'], how: 'reordered', consequences: ['W8', 'D3', 'X18'] },
    valid: (builder) => sentAlone(halfStored(decided(builder), [4, 5], 4), 5).handled(A, 'ann', 4, 5),
    invalid: (builder) => {
      sentAlone(halfStored(decided(builder), [4, 5], 5), 4)
        .received(A, 'ann', 5)
        .parked(A, 'ann', 5);
      builder.handled(A, 'ann', 4).applied(A, 'ann', 5).acked(A, 'ann', 5);
    },
  },
  {
    ...{ name: 'w7-nobody', roots: ['W7'], how: 'nobody', valid: decided },
    invalid: (builder) => decided(builder).smuggled('ann', 4).handled(A, 'ann', 4),
  },
  {
    ...{ name: 'w7-failed', roots: ['W7'], how: 'failed' },
    /** The producer died before it heard anything: the message may well be stored. */
    valid: (builder) => attempted(decided(builder).smuggled('ann', 4), null).handled(A, 'ann', 4),
    invalid: (builder) => attempted(decided(builder).smuggled('ann', 4), 'fail').handled(A, 'ann', 4),
  },
  {
    ...{ name: 'w9-two-places', roots: ['W9'], how: 'two-places' },
    edit: (records) => movedInLog(records, ['bea-1', 'bea-2', 'ann-4'], { partition: 1 }),
    /** Another user may lie elsewhere, with all of its events. */
    valid: (builder) => decided(builder).publish('bea', 1, 2).handled(A, 'bea', 1, 2),
    invalid: (builder) => decided(builder).publish('ann', 4).handled(A, 'ann', 4),
  },
  {
    ...{ name: 'w9-foreign-key', roots: ['W9'], how: 'foreign-key', valid: decided },
    edit: (records) => movedInLog(records, ['ann-4'], { key: 'bea' }),
    invalid: (builder) => decided(builder).publish('ann', 4).handled(A, 'ann', 4),
  },
  {
    ...{ name: 'w10', roots: ['W10'], how: null },
    edit: (records) =>
      movedInLog(movedInLog(records, ['ann-4'], { messageId: '7:0:-1:0' }), ['bea-1', 'ann-5'], {
        messageId: '7:0:-1:1',
      }),
    /** A batch of one user's events. */
    valid: (builder) => decided(builder).publish('ann', 4, 5).handled(A, 'ann', 4, 5),
    invalid: (builder) =>
      decided(builder).publish('ann', 4).publish('bea', 1).handled(A, 'ann', 4).handled(A, 'bea', 1),
  },
  {
    ...{ name: 'w11', roots: ['W11'], how: null },
    /** The last one of the owner before stands right in front of the grant. */
    valid: (builder) => granted(decided(builder), 2),
    invalid: (builder) => granted(decided(builder), 1),
  },
  {
    ...{ name: 'w12-orphan', roots: ['W12'], how: 'orphan', valid: decided },
    invalid: (builder) => decided(builder).extraAppends.push(appendOf(eventOf('ann', 4))),
  },
  {
    ...{ name: 'w12-ghost', roots: ['W12'], how: 'ghost', valid: decided },
    invalid: (builder) => stored(decided(builder), 3, null),
  },
];

const COMMANDS: readonly WritePiece[] = [
  {
    ...{ name: 'w14-no-rival', roots: ['W14'], how: 'no-rival' },
    valid: (builder) => refused(decided(builder), 'late', 'VERSION_MISMATCH', 2),
    invalid: (builder) => refused(decided(builder), 'late', 'VERSION_MISMATCH', 3),
  },
  {
    ...{ name: 'w14-self', roots: ['W14', 'W15'], how: 'self' },
    /** Who was told of its first attempt knows what it meets; an answer that is given again is the right one. */
    valid: (builder) => accepted(told(asked(decided(builder), 'make-ann-3', 2), 'make-ann-3', UNKNOWN, 2), 3, true),
    invalid: (builder) => {
      told(asked(decided(builder), 'make-ann-3', 2), 'make-ann-3', UNKNOWN, 2);
      refused(builder, 'make-ann-3', 'VERSION_MISMATCH', 2);
    },
  },
  {
    ...{
      name: 'w15-executed-twice',
      roots: ['W15'],
      how: 'executed-twice',
      valid: (builder) => accepted(decided(builder), 3),
    },
    invalid: (builder) => stored(accepted(decided(builder), 2), 3, { command: 'make-ann-2' }),
  },
  {
    ...{ name: 'w15-accepted-without-event', roots: ['W15'], how: 'accepted-without-event' },
    valid: (builder) => accepted(decided(builder), 3),
    invalid: (builder) => accepted(decided(builder), 4),
  },
  {
    ...{ name: 'w15-refused-with-event', roots: ['W15'], how: 'refused-with-event' },
    /** Who had no room said nothing about the command. */
    valid: (builder) => refused(decided(builder), 'make-ann-3', 'OUTBOX_FULL'),
    invalid: (builder) => refused(decided(builder), 'make-ann-3', 'USER_EXISTS'),
  },
  {
    ...{ name: 'w15-two-answers', roots: ['W15'], how: 'two-answers' },
    valid: (builder) => accepted(accepted(decided(builder), 3), 3, true),
    invalid: (builder) => refused(accepted(decided(builder), 3), 'make-ann-3', 'USER_EXISTS'),
  },
  {
    ...{ name: 'w15-pruned-winner', roots: ['W15'], how: 'two-answers' },
    /** Whoever knows the event as its own hears nothing new. */
    valid: (builder) => refusedFor(accepted(decided(builder), 3), 'make-ann-3', 'ann-3'),
    invalid: (builder) => refusedFor(accepted(decided(builder), 3), 'make-ann-3', 'ann-1'),
  },
  {
    ...{ name: 'w15-pruned-version', roots: ['W15'], how: 'two-answers' },
    valid: (builder) => refused(accepted(decided(builder), 3), 'make-ann-3', 'VERSION_MISMATCH', 2),
    /** The version that it meant was another command's to change. */
    invalid: (builder) => refused(accepted(decided(builder), 3), 'make-ann-3', 'VERSION_MISMATCH', 1),
  },
  {
    ...{ name: 'w15-pruned-unheard', roots: ['W15'], how: 'refused-with-event' },
    valid: (builder) => accepted(told(asked(decided(builder), 'make-ann-3'), 'make-ann-3', UNKNOWN), 3, true),
    /** It never heard of its acceptance, so the winner is a stranger to it. */
    invalid: (builder) => {
      told(asked(decided(builder), 'make-ann-3'), 'make-ann-3', UNKNOWN);
      refusedFor(builder, 'make-ann-3', 'ann-3');
    },
  },
  {
    ...{ name: 'w15-pruned-executed-twice', roots: ['W15'], how: 'executed-twice' },
    valid: (builder) => refusedFor(accepted(decided(builder), 2), 'make-ann-2', 'ann-2'),
    invalid: (builder) => {
      refusedFor(accepted(decided(builder), 2), 'make-ann-2', 'ann-2');
      stored(told(asked(builder, 'make-ann-2'), 'make-ann-2', { sequence: 3 }), 3, { command: 'make-ann-2' });
    },
  },
  {
    ...{ name: 'w16', roots: ['W16'], how: null },
    valid: (builder) => accepted(accepted(decided(builder), 2), 3),
    invalid: (builder) => accepted(accepted(decided(builder), 3), 2),
  },
  {
    ...{ name: 'r2', roots: ['R2'], how: null },
    valid: (builder) => observed(accepted(observed(decided(builder), 1), 3), 3),
    invalid: (builder) => observed(accepted(decided(builder), 3), 2),
  },
];

const UNKNOWN: Answer = { outcome: 'unknown', code: 'WRITER_LOST' };

export const WRITE_PIECES: readonly WritePiece[] = [...APPENDS, ...COMMANDS];
