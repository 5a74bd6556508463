/** Calls: a store operation as arguments of the script, and the script's reply as an answer. */
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { UserEvent } from '../model/event';
import { invariant, unreachable } from '../model/invariant';
import { textOf } from './redis-keys';

/** What the script is called with. */
export interface RedisCall {
  readonly user: string;
  /** What it touches of the user beside the journal. */
  readonly kind: 'm' | 'o' | 'q' | null;
  /** The event whose idempotency key the operation touches; null: none. */
  readonly eventId: string | null;
  /** What is said together with the operation's name. */
  readonly settings: string;
  /** Everything else. */
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
export function callOf(operation: StoreOperation, isJournalled: boolean): RedisCall {
  switch (operation.name) {
    case 'apply':
      return applyCall(operation, isJournalled);
    case 'check-marker':
      return { user: operation.user, kind: null, eventId: operation.eventId, settings: '', values: [] };
    case 'claim-marker':
    case 'set-marker': {
      const { user, eventId, sequence, ttlMs } = operation;
      const values = [whole(sequence, 'sequence'), ttlText(ttlMs)];
      return { user, kind: null, eventId, settings: '', values };
    }
    case 'begin-handler':
    case 'end-handler':
      return {
        ...{ user: operation.user, kind: 'o', eventId: null, settings: '' },
        values: [JSON.stringify(operation.owner)],
      };
    case 'quarantine': {
      const { user, messageId, reason } = operation;
      return { user, kind: 'q', eventId: null, settings: '', values: [textOf(messageId), textOf(reason)] };
    }
    default:
      return unreachable(operation, 'store operation');
  }
}

function applyCall(operation: ApplyOperation, isJournalled: boolean): RedisCall {
  const { event, digest, guard, setsMarker, markerTtlMs, changesModel, owner } = operation;
  const { user, id, sequence } = event;
  const facts = ['effect', id, sequence, changesModel, owner, digest];
  const values = [whole(sequence, 'sequence'), textOf(id), whole(digest, 'digest')];
  values.push(isJournalled ? JSON.stringify(facts).slice(1, -1) : '');
  if (changesModel) pushChanges(values, event);
  else values.push('');
  return { user, kind: 'm', eventId: id, settings: `${guard} ${setsMarker ? 1 : 0} ${ttlText(markerTtlMs)}`, values };
}

/**
 * What an event does to the model's fields, in the words of UserFields (model/event.ts): first what it adds to the
 * balance, then fields and values. Values are JSON text, since a field may be null and no text may stand for that.
 */
function pushChanges(values: string[], event: UserEvent): void {
  switch (event.type) {
    case 'UserCreated': {
      const { name, email } = event.data;
      values.push('', 'name', JSON.stringify(name), 'email', JSON.stringify(email), 'deleted', 'false');
      return;
    }
    case 'UserRenamed':
      values.push('', 'name', JSON.stringify(event.data.name));
      return;
    case 'UserEmailChanged':
      values.push('', 'email', JSON.stringify(event.data.email));
      return;
    case 'UserCredited':
      values.push(whole(event.data.amount, 'amount'));
      return;
    case 'UserDebited':
      values.push(whole(-event.data.amount, 'amount'));
      return;
    /** A tombstone: the sequence stays, so that an old redelivery cannot resurrect the user. */
    case 'UserDeleted':
      values.push('', 'name', 'null', 'email', 'null', 'deleted', 'true');
      return;
    default:
      unreachable(event, 'event type');
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

/** How a reply with this outcome begins on the wire, behind its length; nothing else that a store reads begins so. */
export function beginningOf(outcome: StoreAnswer['outcome']): string {
  return `\r\n${outcome} `;
}

/** The script is ours: a reply of another shape is a defect. */
export function replyOf(raw: unknown): RedisReply {
  invariant(typeof raw === 'string', 'the script replies with a text');
  const [outcome = '', version = '', marked = '', length = '0'] = raw.split(' ', 4);
  const journalLength = Number(length);
  invariant(Number.isSafeInteger(journalLength), 'the script replies with the length of the journal');
  const entryAt = raw.indexOf(' [');
  const entry = entryAt === -1 ? null : raw.slice(entryAt + 1);
  return { answer: answerOf(outcome, Number(version), marked === '1'), journalLength, entry };
}

function answerOf(raw: string, version: number, markerPresent: boolean): StoreAnswer {
  const versioned = VERSIONED.find((outcome) => outcome === raw);
  if (versioned !== undefined) {
    invariant(Number.isSafeInteger(version), 'the script replies with a version');
    return { outcome: versioned, version, markerPresent };
  }
  const plain = PLAIN.find((outcome) => outcome === raw);
  invariant(plain !== undefined, 'the script replies with an outcome');
  return { outcome: plain };
}
