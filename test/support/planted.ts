/**
 * Planted anomalies: for every class a right way and the wrong way of the same thing, and what a judge must say about the
 * wrong one. The same pieces stand alone in test/histories, and are planted into the noise of generated histories.
 */
import type { AnomalyId } from '../../shared/model/anomaly';
import type { HistoryRecord } from '../../shared/model/history';
import type { SubscriptionType, Topology } from '../../shared/model/subscription';
import type { VerdictStatus } from '../../shared/model/verdict';
import { type HeaderChoice, HistoryBuilder, NO_FLOORS } from './history-builder';
import { MEANING_PIECES } from './planted-meanings';
import { OUTAGE_PIECES } from './planted-outages';
import { WRITE_PIECES } from './planted-write-side';

export interface Planted {
  /** The class, or the class and the way in which it comes about. */
  readonly name: string;
  readonly header: HeaderChoice;
  readonly onFailure: 'park' | 'nack';
  /** The right way: nothing forbidden is found. */
  readonly valid: (builder: HistoryBuilder) => unknown;
  readonly invalid: (builder: HistoryBuilder) => unknown;
  /** What no consumer or broker can do wrong is done to the records. */
  readonly edit: (records: readonly HistoryRecord[]) => readonly HistoryRecord[];
  readonly quiescence: 'drained' | 'stuck' | 'deadline';
  /** Of the wrong way. */
  readonly status: VerdictStatus;
  readonly roots: readonly AnomalyId[];
  readonly consequences: readonly AnomalyId[];
  readonly measured: readonly AnomalyId[];
  /** How the class that the name begins with came about; null: it has no ways. */
  readonly how: string | null;
}

/** Names that no generated world gives. */
const A = 'm1#1';
const B = 'm2#1';

function topologyOf(subscriptionType: SubscriptionType): Topology {
  return { subscriptionType, consumerCount: 2, partitionCount: 0, receiverQueueSize: 10 };
}

const SHARED: HeaderChoice = { topology: topologyOf('shared'), strategy: 'no-guard', idempotencyKeys: false };

function planted(name: string, roots: readonly AnomalyId[], parts: Partial<Planted>): Planted {
  return {
    ...{ name, roots, header: {}, onFailure: 'park', edit: (records) => records, quiescence: 'drained' },
    ...{ valid: ordinary, invalid: ordinary, status: 'invalid', consequences: [], measured: [], how: null },
    ...parts,
  };
}

function started(builder: HistoryBuilder, ...sequences: readonly number[]): HistoryBuilder {
  return builder
    .join(A)
    .join(B)
    .publish('ann', ...sequences);
}

function ordinary(builder: HistoryBuilder): HistoryBuilder {
  return started(builder, 1, 2, 3).handled(A, 'ann', 1, 2, 3);
}

function redelivered(builder: HistoryBuilder): HistoryBuilder {
  started(builder, 1, 2, 3).handled(A, 'ann', 1).received(A, 'ann', 2).received(A, 'ann', 3).applied(A, 'ann', 2);
  return builder.crash(A).received(B, 'ann', 2);
}

function absorbed(builder: HistoryBuilder): HistoryBuilder {
  redelivered(builder).answered(B, 'ann', 2, 'apply', 'duplicate', true).acked(B, 'ann', 2);
  return builder.handled(B, 'ann', 3);
}

const WRITE_SIDE: readonly Planted[] = [
  planted('w4', [], {
    invalid: (builder) => {
      started(builder, 1, 2, 1).handled(A, 'ann', 1, 2).received(A, 'ann', 1, 1);
      builder.answered(A, 'ann', 1, 'apply', 'duplicate', true, 1).acked(A, 'ann', 1, 1);
    },
    ...{ status: 'valid', measured: ['W4'] },
  }),
  planted('w6', ['W6'], { how: 'tail', invalid: (builder) => ordinary(builder).published('ann', 4, '1:99:-1') }),
  planted('w8', ['W8'], {
    invalid: (builder) => {
      started(builder, 2, 1).received(A, 'ann', 2).answered(A, 'ann', 2, 'apply', 'gap').parked(A, 'ann', 2);
      builder.handled(A, 'ann', 1).applied(A, 'ann', 2).acked(A, 'ann', 2);
    },
    consequences: ['D3', 'X18'],
  }),
];

const DECISIONS = WRITE_PIECES.map(({ name, roots, ...parts }) =>
  planted(name, roots, { header: { hasWriters: true }, ...parts }),
);
const APART = [...OUTAGE_PIECES, ...MEANING_PIECES].map(({ name, roots, ...parts }) => planted(name, roots, parts));

const DELIVERY_SIDE: readonly Planted[] = [
  planted('d1', ['D1'], {
    invalid: (builder) => started(builder, 1, 2, 3).handled(A, 'ann', 1, 2),
    consequences: ['X1', 'X18'],
  }),
  planted('d2', [], { invalid: absorbed, status: 'valid', measured: ['D2'] }),
  planted('d3', ['D3'], {
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 2).received(A, 'ann', 1);
      builder.applied(A, 'ann', 1).acked(A, 'ann', 1).applied(A, 'ann', 2).acked(A, 'ann', 2);
    },
  }),
  planted('d4-after-acknowledgement', ['D4'], {
    how: 'after-acknowledgement',
    valid: absorbed,
    invalid: (builder) => {
      ordinary(builder).received(A, 'ann', 2).answered(A, 'ann', 2, 'apply', 'duplicate', true).acked(A, 'ann', 2);
    },
  }),
  planted('d4-without-cause', ['D4'], {
    how: 'without-cause',
    valid: absorbed,
    invalid: (builder) => {
      started(builder, 1).received(A, 'ann', 1).received(A, 'ann', 1).applied(A, 'ann', 1).acked(A, 'ann', 1);
    },
  }),
  planted('d4-out-of-order', ['D4'], {
    how: 'out-of-order',
    valid: absorbed,
    invalid: (builder) => {
      started(builder, 1, 2, 3).received(A, 'ann', 1).received(A, 'ann', 2).crash(A);
      builder.received(B, 'ann', 2).received(B, 'ann', 1);
      for (const sequence of [1, 2]) builder.applied(B, 'ann', sequence).acked(B, 'ann', sequence);
      builder.handled(B, 'ann', 3);
    },
  }),
  planted('d4-fresh-before-replay', ['D4'], {
    how: 'out-of-order',
    valid: absorbed,
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).crash(A).received(B, 'ann', 2).received(B, 'ann', 1);
      for (const sequence of [1, 2]) builder.applied(B, 'ann', sequence).acked(B, 'ann', sequence);
    },
  }),
  planted('d5', ['D5'], {
    valid: (builder) => started(builder, 1, 2).handled(A, 'ann', 1).handled(B, 'ann', 2),
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(B, 'ann', 2);
      builder.applied(A, 'ann', 1).acked(A, 'ann', 1).applied(B, 'ann', 2).acked(B, 'ann', 2);
    },
  }),
  planted('d6', [], {
    onFailure: 'nack',
    header: { strategy: 'version-next-park' },
    valid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).step(A, 'ann', 1, 'nack-intended');
      builder.handled(A, 'ann', 1, 2);
    },
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).step(A, 'ann', 1, 'nack-intended').received(A, 'ann', 2);
      builder.answered(A, 'ann', 2, 'apply', 'gap').parked(A, 'ann', 2).handled(A, 'ann', 1);
      builder.applied(A, 'ann', 2).acked(A, 'ann', 2);
    },
    ...{ status: 'valid', measured: ['D2', 'D6'] },
  }),
];

const LOSS_AND_KEYS: readonly Planted[] = [
  planted('x1-ack-before-effect', ['X1'], {
    how: 'ack-before-effect',
    header: { strategy: 'ack-first' },
    valid: (builder) => started(builder, 1).received(A, 'ann', 1).acked(A, 'ann', 1).applied(A, 'ann', 1),
    invalid: (builder) => {
      started(builder, 1, 2).handled(A, 'ann', 1).received(A, 'ann', 2).acked(A, 'ann', 2).crash(A);
    },
    ...{ consequences: ['X18'], measured: ['X16'] },
  }),
  planted('x1-parked', ['X1'], {
    how: 'parked',
    header: { strategy: 'version-next-park' },
    invalid: (builder) => started(builder, 1).received(A, 'ann', 1).parked(A, 'ann', 1),
    ...{ quiescence: 'stuck', consequences: ['X18'] },
  }),
  planted('x1-dropped', ['X1'], {
    how: 'dropped',
    header: { topology: topologyOf('shared'), strategy: 'version-newer' },
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(B, 'ann', 2).applied(B, 'ann', 2).acked(B, 'ann', 2);
      builder.answered(A, 'ann', 1, 'apply', 'stale').acked(A, 'ann', 1);
    },
    consequences: ['X4', 'X18'],
  }),
  planted('x1-rolled-back', ['X1'], {
    how: 'rolled-back',
    /** The tail that the store forgot is applied again, from the log. */
    valid: (builder) => {
      ordinary(builder).rollback('ann', 1);
      for (const sequence of [2, 3]) builder.repaired('ann', sequence);
    },
    invalid: (builder) => ordinary(builder).rollback('ann', 1),
    consequences: ['X18'],
  }),
  planted('x9', ['X9'], {
    how: 'realised',
    header: { strategy: 'claim-then-act', idempotencyKeys: false },
    valid: (builder) => {
      started(builder, 1).received(A, 'ann', 1).marker(A, 'ann', 1, 'claim-marker').applied(A, 'ann', 1);
      builder.acked(A, 'ann', 1);
    },
    invalid: (builder) => {
      started(builder, 1).received(A, 'ann', 1).marker(A, 'ann', 1, 'claim-marker').crash(A);
      builder.received(B, 'ann', 1).marker(B, 'ann', 1, 'claim-marker').acked(B, 'ann', 1);
    },
    ...{ consequences: ['X1', 'X18'], measured: ['D2'] },
  }),
  planted('x10', ['X10'], {
    how: 'realised',
    header: { strategy: 'check-act-mark', idempotencyKeys: false },
    valid: (builder) => {
      started(builder, 1).received(A, 'ann', 1).marker(A, 'ann', 1, 'check-marker').applied(A, 'ann', 1);
      builder.marker(A, 'ann', 1, 'set-marker').acked(A, 'ann', 1);
    },
    invalid: (builder) => {
      started(builder, 1).received(A, 'ann', 1).marker(A, 'ann', 1, 'check-marker').applied(A, 'ann', 1).crash(A);
      builder.received(B, 'ann', 1).marker(B, 'ann', 1, 'check-marker').applied(B, 'ann', 1);
      builder.marker(B, 'ann', 1, 'set-marker').acked(B, 'ann', 1);
    },
    ...{ consequences: ['X2', 'X18'], measured: ['D2'] },
  }),
  planted('x10-latent', [], {
    how: 'latent',
    invalid: (builder) => started(builder, 1).received(A, 'ann', 1).applied(A, 'ann', 1, false).acked(A, 'ann', 1),
    ...{ status: 'valid', measured: ['X10'] },
  }),
  planted('x16', ['X16'], {
    invalid: (builder) => started(builder, 1).received(A, 'ann', 1).acked(A, 'ann', 1).applied(A, 'ann', 1),
  }),
];

const EFFECTS: readonly Planted[] = [
  planted('x2', ['X2'], {
    valid: absorbed,
    invalid: (builder) => redelivered(builder).applied(B, 'ann', 2).acked(B, 'ann', 2).handled(B, 'ann', 3),
    ...{ consequences: ['X18'], measured: ['D2'] },
  }),
  planted('x2-after-rollback', ['X2'], {
    /** What the store forgot comes again and is applied again: its only effect. */
    valid: (builder) => {
      redelivered(builder).rollback('ann', 1).applied(B, 'ann', 2).acked(B, 'ann', 2);
      builder.handled(B, 'ann', 3);
    },
    /** It still held that one. */
    invalid: (builder) => {
      redelivered(builder).rollback('ann', 2).applied(B, 'ann', 2).acked(B, 'ann', 2);
      builder.handled(B, 'ann', 3);
    },
    ...{ consequences: ['X18'], measured: ['D2'] },
  }),
  planted('x3', ['X3'], {
    header: SHARED,
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(B, 'ann', 2);
      builder.applied(B, 'ann', 2).acked(B, 'ann', 2).applied(A, 'ann', 1).acked(A, 'ann', 1);
    },
    consequences: ['X4', 'X5', 'X18'],
  }),
  planted('x3-allowed', [], {
    header: { ...SHARED, claim: 'once' },
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(B, 'ann', 2);
      builder.applied(B, 'ann', 2).acked(B, 'ann', 2).applied(A, 'ann', 1).acked(A, 'ann', 1);
    },
    ...{ status: 'valid', measured: ['X3', 'X4', 'X5'], consequences: ['X18'] },
  }),
  planted('x4', ['X1'], {
    header: { strategy: 'ack-first' },
    invalid: (builder) => {
      started(builder, 1, 2, 3).handled(A, 'ann', 1).received(A, 'ann', 2).acked(A, 'ann', 2).crash(A);
      builder.handled(B, 'ann', 3);
    },
    ...{ consequences: ['X4', 'X18'], measured: ['X16'] },
  }),
  planted('x5', ['X2'], {
    header: { strategy: 'no-guard', idempotencyKeys: false },
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(A, 'ann', 2).applied(A, 'ann', 1).applied(A, 'ann', 2);
      builder.crash(A).received(B, 'ann', 1).received(B, 'ann', 2);
      for (const sequence of [1, 2]) builder.applied(B, 'ann', sequence).acked(B, 'ann', sequence);
    },
    ...{ consequences: ['X5', 'X18'], measured: ['D2'] },
  }),
  planted('x6', ['X6'], {
    how: 'not-logged',
    invalid: (builder) => ordinary(builder).applied(A, 'ann', 4),
    consequences: ['X18'],
  }),
  planted('x8', ['X8'], {
    valid: (builder) => {
      /** The owner that is open died: no overlap. */
      started(builder, 1).received(A, 'ann', 1).begin(A, 'ann').crash(A).handled(B, 'ann', 1);
    },
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).begin(A, 'ann').applied(A, 'ann', 1).acked(A, 'ann', 1);
      builder.received(B, 'ann', 2).begin(B, 'ann').finishHandler(A, 'ann').applied(B, 'ann', 2);
      builder.finishHandler(B, 'ann').acked(B, 'ann', 2);
    },
  }),
  planted('x8-after-rollback', ['X8'], {
    /** An end that the store forgot leaves its owner open: nobody was in the middle of anything. */
    valid: (builder) => {
      started(builder, 1, 2, 3).received(A, 'ann', 1).begin(A, 'ann').applied(A, 'ann', 1).finishHandler(A, 'ann');
      builder.acked(A, 'ann', 1).rollback('ann', 0).repaired('ann', 1).handled(B, 'ann', 2).handled(A, 'ann', 3);
    },
    invalid: (builder) => {
      started(builder, 1, 2).rollback('ann', 0).received(A, 'ann', 1).begin(A, 'ann').applied(A, 'ann', 1);
      builder.acked(A, 'ann', 1).received(B, 'ann', 2).begin(B, 'ann').finishHandler(A, 'ann');
      builder.applied(B, 'ann', 2).finishHandler(B, 'ann').acked(B, 'ann', 2);
    },
  }),
  planted('x18', ['X18'], {
    how: 'fields',
    edit: (records) =>
      records.map((record) =>
        record.stream === 'State' && record.type === 'user' && record.user === 'ann'
          ? { ...record, fields: { ...record.fields, balance: record.fields.balance + 1 } }
          : record,
      ),
  }),
];

const WITH_RESULTS: HeaderChoice = { resultTopic: 'results' };
const RESULTS: readonly Planted[] = [
  planted('x21-order', ['X21'], {
    how: 'order',
    header: WITH_RESULTS,
    valid: (builder) => ordinary(builder).result('ann', 1, 2, 3),
    invalid: (builder) => ordinary(builder).result('ann', 2, 1, 3),
  }),
  planted('x21-duplicate', ['X21'], {
    how: 'duplicate',
    header: { ...WITH_RESULTS, claim: 'once' },
    valid: (builder) => ordinary(builder).result('ann', 2, 1, 3),
    invalid: (builder) => ordinary(builder).result('ann', 1, 2, 2, 3),
  }),
  planted('x21-missing', ['X21'], {
    how: 'missing',
    header: WITH_RESULTS,
    valid: (builder) => ordinary(builder).result('ann', 1, 2, 3),
    invalid: (builder) => ordinary(builder).result('ann', 1, 3),
  }),
];

const HONESTY: readonly Planted[] = [
  planted('h1', ['H1'], { header: { floors: { ...NO_FLOORS, contendedUserCountMin: 50 } }, status: 'unknown' }),
  planted('h1-fault-missed', ['H1'], {
    ...{ how: 'planned faults that struck', status: 'unknown' },
    valid: (builder) => absorbed(builder.struck('crash', A)),
    invalid: (builder) => ordinary(builder).missed('crash', 'before:ack'),
  }),
  planted('h3-hole', ['H3'], {
    how: 'hole',
    edit: (records) => records.filter((record) => !(record.stream === 'Del' && record.type === 'parked')),
    valid: ordinary,
    invalid: (builder) => {
      started(builder, 1, 2).received(A, 'ann', 1).received(A, 'ann', 2).parked(A, 'ann', 2);
      builder.applied(A, 'ann', 1).acked(A, 'ann', 1).applied(A, 'ann', 2).acked(A, 'ann', 2);
    },
    status: 'unknown',
  }),
  planted('h3-no-end', ['H3'], {
    how: 'no-end',
    edit: (records) => records.filter(({ recorder, type }) => recorder !== A || type !== 'end'),
    status: 'unknown',
  }),
  planted('h5', ['H5'], {
    how: 'deadline',
    invalid: (builder) => started(builder, 1, 2).handled(A, 'ann', 1).received(A, 'ann', 2),
    ...{ quiescence: 'deadline', status: 'unknown', roots: ['X1', 'H5'], consequences: ['X18'] },
  }),
];

/** One entry a class or way, in the order of the classes. */
export const PLANTED: readonly Planted[] = [
  ...DECISIONS,
  ...WRITE_SIDE,
  ...DELIVERY_SIDE,
  ...APART,
  ...LOSS_AND_KEYS,
  ...EFFECTS,
  ...RESULTS,
  ...HONESTY,
];

/** The wrong way, or its right twin, as a history of its own. */
export function historyOfPlanted(piece: Planted, way: 'valid' | 'invalid'): readonly HistoryRecord[] {
  const builder = new HistoryBuilder(headerFor(piece, way), piece.onFailure);
  piece[way](builder);
  if (way === 'valid') return builder.finish();
  return piece.edit(builder.finish(piece.quiescence));
}

/** The right twin of a run below its floors is a run whose floors ask for less. */
function headerFor({ header, name }: Planted, way: 'valid' | 'invalid'): HeaderChoice {
  return way === 'invalid' ? { ...header, scenario: name } : { ...header, scenario: name, floors: NO_FLOORS };
}
