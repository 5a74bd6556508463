/**
 * Marks: the notation of timelines. One mark is one step of one consumer, a sign and the sequence that it concerns.
 *
 * The signs are read back into histories by tests, so a drawing in a bug report is a test: one sign, one meaning.
 */
import type { StoreOutcome } from '../model/action';
import type { HistoryRecord } from '../model/history';

/** Every sign, in the order in which a legend explains them. */
export const SIGNS = {
  '>': 'received',
  '*': 'applied',
  '=': 'absorbed as a duplicate',
  '/': 'dropped as stale',
  '?': 'gap found',
  _: 'parked',
  '-': 'no idempotency key found',
  '@': 'idempotency key found',
  '+': 'idempotency key set',
  '~': 'acknowledgement sent',
  '^': 'acknowledged',
  '!': 'negatively acknowledged',
  '[': 'handler begins',
  ']': 'handler ends',
  '<': 'the store goes back in time, to this sequence',
  J: 'joins',
  L: 'leaves',
  X: 'crashes',
} as const;
export type Sign = keyof typeof SIGNS;

export interface Mark {
  /** The consumer incarnation. */
  readonly lane: string;
  readonly sign: Sign;
  /** null: the mark concerns the consumer or its handler, not one event. */
  readonly sequence: number | null;
  /** 0: the first message of the event in the log; 1: the second one (`'`), and so on. */
  readonly twin: number;
}

export function markText({ sign, sequence, twin }: Mark): string {
  return `${sign}${sequence ?? ''}${"'".repeat(twin)}`;
}

/** The marks of one user's records, in order. A confirmation that follows its acknowledgement at once is one mark. */
export function marksOf(records: readonly HistoryRecord[]): readonly Mark[] {
  const twins = twinsOf(records);
  const isAudited = records.some((record) => record.stream === 'Eff' && record.type === 'effect');
  const marks: Mark[] = [];
  let heldCount = 0;
  for (const [index, record] of records.entries()) {
    if (record.type === 'rollback') {
      marks.push(rollbackMark(record, records.slice(index + 1)));
      heldCount = record.heldCount;
      continue;
    }
    if (record.stream === 'Eff' && heldCount > 0) {
      /** Said again; drawn where it happened. */
      heldCount -= 1;
      continue;
    }
    const mark = markOf(record, isAudited, twins);
    if (mark === null) continue;
    const last = marks.at(-1);
    if (mark.sign === '^' && last?.sign === '~' && isSameEvent(last, mark)) marks.pop();
    marks.push(mark);
  }
  return withoutFirstJoins(marks);
}

type Rollback = Extract<HistoryRecord, { readonly type: 'rollback' }>;

/** Where the store went back to: the highest sequence of what it says again. */
function rollbackMark({ heldCount }: Rollback, following: readonly HistoryRecord[]): Mark {
  const held = following.filter(({ stream }) => stream === 'Eff').slice(0, heldCount);
  const sequences = held.map((record) => (record.type === 'effect' ? record.sequence : 0));
  return { lane: 'store', sign: '<', sequence: Math.max(0, ...sequences), twin: 0 };
}

function isSameEvent(one: Mark, other: Mark): boolean {
  return one.lane === other.lane && one.sequence === other.sequence && one.twin === other.twin;
}

/** By message id, how many messages of the same event stand before it in the log. */
function twinsOf(records: readonly HistoryRecord[]): ReadonlyMap<string, number> {
  const twins = new Map<string, number>();
  const seen = new Map<string, number>();
  for (const record of records) {
    if (record.stream !== 'Log' || record.event === null) continue;
    const place = `${record.topic} ${record.event.sequence}`;
    const count = seen.get(place) ?? 0;
    seen.set(place, count + 1);
    twins.set(record.messageId, count);
  }
  return twins;
}

/** Whoever was there from the start needs no mark. */
function withoutFirstJoins(marks: readonly Mark[]): readonly Mark[] {
  const begin = marks.findIndex(({ sign }) => sign !== 'J');
  return begin === -1 ? [] : marks.slice(begin);
}

function markOf(record: HistoryRecord, isAudited: boolean, twins: ReadonlyMap<string, number>): Mark | null {
  switch (record.stream) {
    case 'Cause':
      return { lane: record.consumer, sign: CAUSE_SIGN[record.type], sequence: null, twin: 0 };
    case 'Eff':
      if (record.type === 'effect') return { lane: record.owner, sign: '*', sequence: record.sequence, twin: 0 };
      if (record.type === 'rollback') return null;
      return { lane: record.owner, sign: record.type === 'begin' ? '[' : ']', sequence: null, twin: 0 };
    case 'Del': {
      const sign = record.type === 'answered' ? answerSign(record, isAudited) : DELIVERY_SIGN[record.type];
      const twin = twins.get(record.messageId) ?? 0;
      return sign === null ? null : { lane: record.consumer, sign, sequence: record.sequence, twin };
    }
    default:
      return null;
  }
}

const CAUSE_SIGN = { join: 'J', leave: 'L', crash: 'X' } as const;

type DeliveryType = Exclude<Extract<HistoryRecord, { readonly stream: 'Del' }>['type'], 'answered'>;

const DELIVERY_SIGN: Readonly<Record<DeliveryType, Sign | null>> = {
  received: '>',
  parked: '_',
  'ack-intended': '~',
  'ack-confirmed': '^',
  'nack-intended': '!',
  unparked: null,
  failed: null,
  quarantined: null,
};

type Answered = Extract<HistoryRecord, { readonly stream: 'Del'; readonly type: 'answered' }>;

/** What was applied is drawn where the store journalled it; without a journal, where the consumer heard of it. */
function answerSign({ operation, outcome }: Answered, isAudited: boolean): Sign | null {
  switch (operation) {
    case 'apply':
      return outcome === 'applied' && isAudited ? null : APPLY_SIGN[outcome];
    case 'check-marker':
      return outcome === 'present' ? '@' : '-';
    case 'claim-marker':
      return outcome === 'present' ? '@' : '+';
    case 'set-marker':
      return '+';
    default:
      return null;
  }
}

const APPLY_SIGN: Readonly<Record<StoreOutcome, Sign | null>> = {
  applied: '*',
  duplicate: '=',
  stale: '/',
  gap: '?',
  conflict: '?',
  present: null,
  absent: null,
  noted: null,
  overlapped: null,
};
