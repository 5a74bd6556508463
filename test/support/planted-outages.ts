/** Planted outages: what a broker that begins anew, or a zombie, may bring back, and what it must not. */
import type { AnomalyId } from '../../shared/model/anomaly';
import type { VerdictStatus } from '../../shared/model/verdict';
import type { HistoryBuilder } from './history-builder';

/** What planted.ts makes a piece of. */
export interface OutagePiece {
  readonly name: string;
  readonly roots: readonly AnomalyId[];
  readonly measured: readonly AnomalyId[];
  readonly status: VerdictStatus;
  readonly how: string;
  readonly valid?: (builder: HistoryBuilder) => unknown;
  readonly invalid: (builder: HistoryBuilder) => unknown;
}

/** A repeat that is counted and harmless. */
const LEGAL = { roots: [], measured: ['D2'], status: 'valid' } as const;
/** A repeat that is not, beside others that are. */
const ILLEGAL = { roots: ['D4'], measured: ['D2'], status: 'invalid' } as const;

/** Names that no generated world gives. */
const A = 'm1#1';
const B = 'm2#1';
const OUTAGES = ['unload', 'broker-restart', 'broker-kill'] as const;

function begun(builder: HistoryBuilder, ...sequences: readonly number[]): HistoryBuilder {
  builder.join(A).join(B);
  return builder.publish('ann', ...sequences);
}

function done(builder: HistoryBuilder): HistoryBuilder {
  return begun(builder, 1, 2, 3).handled(A, 'ann', 1, 2, 3);
}

function again(builder: HistoryBuilder, consumer: string, sequence: number): HistoryBuilder {
  builder.received(consumer, 'ann', sequence).answered(consumer, 'ann', sequence, 'apply', 'duplicate', true);
  return builder.acked(consumer, 'ann', sequence);
}

/** The broker gives the topic up and hands this event out again; `kept`: what it must have kept by then. */
function lost(builder: HistoryBuilder, sequence: number, kept: number | null = null): HistoryBuilder {
  done(builder).struck('unload', null);
  if (kept !== null) builder.kept('unload', 'ann', kept);
  return again(builder.faultEnded('unload'), B, sequence);
}

/** One event more, acknowledged when the outage is over. */
function lostAndOneMore(builder: HistoryBuilder): HistoryBuilder {
  return lost(builder, 2).publish('ann', 4).handled(B, 'ann', 4);
}

export const OUTAGE_PIECES: readonly OutagePiece[] = [
  ...OUTAGES.map((fault) => ({
    name: `d2-lost-at-${fault}`,
    ...LEGAL,
    how: `acknowledgement-lost-at-${fault}`,
    invalid: (builder: HistoryBuilder) => again(done(builder).struck(fault, null), B, 2).faultEnded(fault),
  })),
  {
    name: 'd2-forgotten-holder',
    ...LEGAL,
    how: 'broker-kill',
    /** Two hold the event now, and neither is to blame: the broker has forgotten the first one. */
    invalid: (builder) => {
      begun(builder, 1, 2).received(A, 'ann', 1).struck('broker-kill', null).handled(B, 'ann', 1, 2);
      builder.faultEnded('broker-kill').answered(A, 'ann', 1, 'apply', 'duplicate', true).acked(A, 'ann', 1);
    },
  },
  {
    name: 'd2-pause',
    ...LEGAL,
    how: 'pause',
    invalid: (builder) => {
      begun(builder, 1, 2).received(A, 'ann', 1).struck('pause', A).handled(B, 'ann', 1, 2);
      builder.faultEnded('pause', A).answered(A, 'ann', 1, 'apply', 'duplicate', true).acked(A, 'ann', 1);
      /** What had reached the zombie and was not taken yet. */
      again(builder, A, 2);
    },
  },
  {
    name: 'd4-resurrected',
    ...ILLEGAL,
    how: 'after-acknowledgement',
    valid: (builder) => lost(builder, 2),
    invalid: (builder) => again(lost(builder, 2), B, 2),
  },
  {
    name: 'd4-resurrected-later',
    ...ILLEGAL,
    how: 'after-acknowledgement',
    valid: lostAndOneMore,
    /** Acknowledged after the outage, which cannot have undone it. */
    invalid: (builder) => again(lostAndOneMore(builder), A, 4),
  },
  {
    name: 'd4-kept',
    ...ILLEGAL,
    measured: [],
    how: 'kept',
    valid: (builder) => lost(builder, 3, 2),
    invalid: (builder) => lost(builder, 2, 2),
  },
];
