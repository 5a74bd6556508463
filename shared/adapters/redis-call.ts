/** Calls: a store operation as arguments of the script, and the script's reply as an answer. */
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { UserEvent } from '../model/event';
import { invariant, unreachable } from '../model/invariant';
import { textOf } from './redis-keys';

/** What the script is called with. */
export interface RedisCall {
  readonly user: string;
  /** What it touches of the user, the journal first: the script's KEYS. */
  readonly kinds: readonly ('a' | 'm' | 'o' | 'q')[];
  /** The event whose idempotency key the operation touches; null: none. */
  readonly eventId: string | null;
  /** Everything after the operation's name and the journal flag. */
  readonly values: readonly string[];
}

/** What it replied. */
export interface RedisReply {
  readonly answer: StoreAnswer;
  /** Entries in the user's journal after this step; 0 where nothing is journalled. */
  readonly journalLength: number;
  /** The entry that this step appended. */
  readonly entry: string | null;
}

type ApplyOperation = Extract<StoreOperation, { readonly name: 'apply' }>;

/** Numbers are checked here: the script could only refuse them after its first write. */
export function callOf(operation: StoreOperation): RedisCall {
  switch (operation.name) {
    case 'apply':
      return { ...addressOf(operation.event.user, operation.event.id, 'm'), values: applyValues(operation) };
    case 'check-marker':
      return { ...addressOf(operation.user, operation.eventId), values: [] };
    case 'claim-marker':
    case 'set-marker': {
      const { user, eventId, sequence, ttlMs } = operation;
      return { ...addressOf(user, eventId), values: [whole(sequence, 'sequence'), ttlText(ttlMs)] };
    }
    case 'begin-handler':
    case 'end-handler':
      return { ...addressOf(operation.user, null, 'o'), values: [JSON.stringify(operation.owner)] };
    case 'quarantine': {
      const { user, messageId, reason } = operation;
      return { ...addressOf(user, null, 'q'), values: [textOf(messageId), textOf(reason)] };
    }
    default:
      return unreachable(operation, 'store operation');
  }
}

function addressOf(user: string, eventId: string | null, kind?: 'm' | 'o' | 'q') {
  return { user, kinds: kind === undefined ? (['a'] as const) : (['a', kind] as const), eventId };
}

function applyValues(operation: ApplyOperation): readonly string[] {
  const { event, digest, guard, setsMarker, markerTtlMs, changesModel, owner } = operation;
  const sequence = whole(event.sequence, 'sequence');
  const head = JSON.stringify(['effect', event.id, event.sequence, changesModel, owner, digest]).slice(1, -1);
  return [
    ...[guard, sequence, textOf(event.id), whole(digest, 'digest'), setsMarker ? '1' : '', ttlText(markerTtlMs), head],
    ...(changesModel ? changesOf(event) : ['']),
  ];
}

/**
 * What an event does to the model's fields, in the words of UserFields (model/event.ts): first what it adds to the
 * balance, then fields and values. Values are JSON text, since a field may be null and no text may stand for that.
 */
function changesOf(event: UserEvent): readonly string[] {
  switch (event.type) {
    case 'UserCreated': {
      const { name, email } = event.data;
      return ['', 'name', JSON.stringify(name), 'email', JSON.stringify(email), 'deleted', 'false'];
    }
    case 'UserRenamed':
      return ['', 'name', JSON.stringify(event.data.name)];
    case 'UserEmailChanged':
      return ['', 'email', JSON.stringify(event.data.email)];
    case 'UserCredited':
      return [whole(event.data.amount, 'amount')];
    case 'UserDebited':
      return [whole(-event.data.amount, 'amount')];
    /** A tombstone: the sequence stays, so that an old redelivery cannot resurrect the user. */
    case 'UserDeleted':
      return ['', 'name', 'null', 'email', 'null', 'deleted', 'true'];
    default:
      return unreachable(event, 'event type');
  }
}

/** Doubles hold it exactly, here and in Lua. */
function whole(number: number, what: string): string {
  invariant(Number.isSafeInteger(number), `${what} is a whole number`);
  return String(number);
}

/** Empty: the key never expires. */
function ttlText(ttlMs: number | null): string {
  if (ttlMs === null) return '';
  invariant(ttlMs > 0, 'an idempotency key lives longer than 0 ms');
  return whole(ttlMs, 'time to live');
}

type OutcomeOf<Answer> = Answer extends { readonly outcome: infer Outcome } ? Outcome : never;
type VersionedOutcome = OutcomeOf<Extract<StoreAnswer, { readonly version: number }>>;
type PlainOutcome = Exclude<StoreAnswer['outcome'], VersionedOutcome>;

const VERSIONED: readonly VersionedOutcome[] = ['applied', 'duplicate', 'stale', 'gap', 'conflict'];
const PLAIN: readonly PlainOutcome[] = ['present', 'absent', 'noted', 'overlapped'];

/** The script is ours: a reply of another shape is a defect. */
export function replyOf(raw: unknown): RedisReply {
  invariant(Array.isArray(raw), 'the script replies with a list');
  const [outcome, journalLength, entry, version, marked]: readonly unknown[] = raw;
  invariant(typeof journalLength === 'number', 'the script replies with the length of the journal');
  invariant(entry === null || typeof entry === 'string', 'the script replies with the entry that it appended');
  return { answer: answerOf(outcome, Number(version), marked === 1), journalLength, entry };
}

function answerOf(raw: unknown, version: number, markerPresent: boolean): StoreAnswer {
  const versioned = VERSIONED.find((outcome) => outcome === raw);
  if (versioned !== undefined) {
    invariant(Number.isSafeInteger(version), 'the script replies with a version');
    return { outcome: versioned, version, markerPresent };
  }
  const plain = PLAIN.find((outcome) => outcome === raw);
  invariant(plain !== undefined, 'the script replies with an outcome');
  return { outcome: plain };
}
