/**
 * The specification of every store operation: a pure function on what one atomic call reads and writes.
 *
 * That is the user's record and the one idempotency key that the operation names. In Redis these are keys of one slot
 * and the function is a script; whatever implements it must give the same answer, the same journal and the same data.
 */
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { EffBody } from '../model/history';
import { invariant, unreachable } from '../model/invariant';
import { EMPTY_RECORD, foldEvent, type Marker, nextChain, type UserRecord } from './user-record';

/** What one operation touches. */
export interface Touched {
  /** null: the store has never written to this user's record. */
  readonly record: UserRecord | null;
  /** The idempotency key of the event in question; null: there is none, or the operation names no event. */
  readonly marker: Marker | null;
}

/** What it leaves behind: data, the answer to the caller, and what the journal takes in the same step. */
export interface OperationResult extends Touched {
  readonly answer: StoreAnswer;
  readonly journal: readonly EffBody[];
}

type Operation<Name extends StoreOperation['name']> = Extract<StoreOperation, { readonly name: Name }>;
type ApplyOperation = Operation<'apply'>;

/** Performs one operation at `nowMs`, a time of the store's own clock, which decides about expiry and nothing else. */
export function applyOperation(before: Touched, operation: StoreOperation, nowMs: number): OperationResult {
  const { record } = before;
  const marker = before.marker !== null && isLive(before.marker, nowMs) ? before.marker : null;
  const touched: Touched = { record, marker };
  switch (operation.name) {
    case 'apply':
      return applyEvent(touched, operation, nowMs);
    case 'check-marker':
      return { ...touched, answer: { outcome: marker === null ? 'absent' : 'present' }, journal: [] };
    case 'claim-marker':
      if (marker !== null) return { ...touched, answer: { outcome: 'present' }, journal: [] };
      return { record, marker: markerOf(operation, nowMs), answer: { outcome: 'absent' }, journal: [] };
    case 'set-marker':
      return { record, marker: markerOf(operation, nowMs), answer: { outcome: 'present' }, journal: [] };
    case 'begin-handler':
      return beginHandler(touched, operation);
    case 'end-handler':
      return endHandler(touched, operation);
    case 'quarantine':
      return keepAside(touched, operation);
    default:
      return unreachable(operation, 'store operation');
  }
}

/** A key that expires at T is gone at T. */
export function isLive(marker: Marker, nowMs: number): boolean {
  return marker.expiresAtMs === null || nowMs < marker.expiresAtMs;
}

function markerOf({ sequence, ttlMs }: { sequence: number; ttlMs: number | null }, nowMs: number): Marker {
  invariant(ttlMs === null || ttlMs > 0, 'an idempotency key lives longer than 0 ms');
  return { sequence, expiresAtMs: ttlMs === null ? null : nowMs + ttlMs };
}

/**
 * Does what the guard's decision says: the whole change or none of it. When the sequence decides and the key disagrees
 * (key there, event due; or key gone, event applied) the sequence wins, and `markerPresent` lets the caller count it.
 */
function applyEvent({ record, marker }: Touched, operation: ApplyOperation, nowMs: number): OperationResult {
  const { event, digest, changesModel, owner, setsMarker, markerTtlMs } = operation;
  const old = record ?? EMPTY_RECORD;
  const outcome = decide(old, marker, operation);
  const answer: StoreAnswer = { outcome, version: old.version, markerPresent: marker !== null };
  if (outcome !== 'applied') return { record, marker, answer, journal: [] };
  const chain = nextChain(old.chain, digest);
  const fields = changesModel ? foldEvent(old.fields, event) : old.fields;
  const newMarker = setsMarker ? markerOf({ sequence: event.sequence, ttlMs: markerTtlMs }, nowMs) : null;
  const effect: EffBody = {
    stream: 'Eff',
    type: 'effect',
    user: event.user,
    eventId: event.id,
    sequence: event.sequence,
    versionBefore: old.version,
    versionAfter: event.sequence,
    changedModel: changesModel,
    owner,
    digest,
    chain,
  };
  return {
    record: { ...old, fields, version: event.sequence, lastEventId: event.id, chain },
    /** SETNX: a key that is there keeps its time of expiry. */
    marker: marker ?? newMarker,
    answer,
    journal: [effect],
  };
}

type Decision = Extract<StoreAnswer, { readonly version: number }>['outcome'];

/**
 * none and marker know nothing about order: the version becomes the event's sequence even when it falls, which is the
 * stale overwrite (X5) that the lab shows. newer skips what is old and leaps over holes, so a late event is lost (X1).
 * next knows both, because the sequence is dense.
 */
function decide(old: UserRecord, marker: Marker | null, { guard, event }: ApplyOperation): Decision {
  switch (guard) {
    case 'none':
      return 'applied';
    case 'marker':
      return marker === null ? 'applied' : 'duplicate';
    case 'newer':
      return event.sequence > old.version ? 'applied' : 'stale';
    case 'next':
      if (event.sequence === old.version + 1) return 'applied';
      if (event.sequence > old.version) return 'gap';
      return event.sequence === old.version && event.id !== old.lastEventId ? 'conflict' : 'duplicate';
    default:
      return unreachable(guard, 'guard');
  }
}

/** An owner counts once, however often it begins: inside a consumer a user's work is serial. */
function beginHandler({ record, marker }: Touched, { user, owner }: Operation<'begin-handler'>): OperationResult {
  const old = record ?? EMPTY_RECORD;
  const others = old.open.filter((other) => other !== owner);
  return {
    record: { ...old, open: [...others, owner] },
    marker,
    answer: { outcome: 'noted' },
    journal: [{ stream: 'Eff', type: 'begin', user, owner, open: others }],
  };
}

/**
 * Owners stand in the order of their begins, and who ends is alive: whoever stands behind it began while it worked. Who
 * stands before it may be dead, and who began and ended meanwhile is gone, so an overlap is never told wrongly, and not always.
 */
function endHandler({ record, marker }: Touched, { user, owner }: Operation<'end-handler'>): OperationResult {
  const begun = record?.open ?? [];
  const isOverlapped = begun.includes(owner) && begun.at(-1) !== owner;
  return {
    record: record === null ? null : { ...record, open: begun.filter((other) => other !== owner) },
    marker,
    answer: { outcome: isOverlapped ? 'overlapped' : 'noted' },
    journal: [{ stream: 'Eff', type: 'end', user, owner }],
  };
}

/** A message that comes again is kept once, with the reason that was given first. */
function keepAside({ record, marker }: Touched, { messageId, reason }: Operation<'quarantine'>): OperationResult {
  const old = record ?? EMPTY_RECORD;
  const known = old.quarantine.some((kept) => kept.messageId === messageId);
  const quarantine = known ? old.quarantine : [...old.quarantine, { messageId, reason }];
  return { record: { ...old, quarantine }, marker, answer: { outcome: 'noted' }, journal: [] };
}
