/**
 * The event store as a machine: streams per user, one log over them, and what an append checks and writes in one step.
 * The script in Redis (adapters/redis-append-script.ts) must give the same answers and leave the same data.
 */
import {
  type AcceptedRequest,
  type Append,
  type AppendAnswer,
  type EmailChange,
  emailChange,
  type LoggedAppend,
  OUTBOX_COUNT_MAX,
  RELAY,
} from '../model/append';
import { type AppendAuthority, GRANT_COUNT_MAX, type Grant, type ShardOwner } from '../model/authority';
import type { EventRef } from '../model/plan';

/** Head of one user's stream. */
interface StreamHead {
  /** Highest sequence. */
  version: number;
  /** The e-mail that the user holds in the index; null: none. */
  email: string | null;
  /** Place in the log by sequence; of two events of one sequence the later one. */
  readonly positions: Map<number, number>;
}

interface KeptRequest extends AcceptedRequest {
  readonly expiresAtMs: number | null;
}

/** Everything the store holds. Only `append`, `moveCursor`, `hold`, `grantEpoch` and `markSeeded` write to it. */
export interface EventStoreState {
  /** Nothing is accepted for a shard before the store was seeded in this incarnation. */
  readonly guardsIncarnation: boolean;
  /** Of the server that holds the rest; a restart is another one. */
  incarnation: string;
  /** The incarnation in which somebody compared the store with the topic's log; null: nobody did. */
  seededIn: string | null;
  readonly log: LoggedAppend[];
  readonly heads: Map<string, StreamHead>;
  /** E-mail → user. */
  readonly emails: Map<string, string>;
  readonly requests: Map<string, KeptRequest>;
  readonly cursors: Map<string, number>;
  readonly holds: Map<string, { readonly owner: string; readonly untilMs: number }>;
  /** Shard → who acts for it. */
  readonly owners: Map<string, ShardOwner>;
  /** In the order in which they were made. */
  readonly grants: Grant[];
}

export function openEventStoreState(guardsIncarnation = false, incarnation = '1'): EventStoreState {
  return {
    ...{ guardsIncarnation, incarnation, seededIn: null },
    ...{ log: [], heads: new Map(), emails: new Map() },
    ...{ requests: new Map(), cursors: new Map(), holds: new Map() },
    ...{ owners: new Map(), grants: [] },
  };
}

/** One append at `nowMs`, a time of the store's own clock, which decides when request records are gone and nothing else. */
export function append(state: EventStoreState, asked: Append, nowMs: number): AppendAnswer {
  const refusal = refusalOf(state, asked, nowMs);
  if (refusal !== null) return refusal;
  const { event, readVersion, guard, commandId, writer, authority } = asked;
  const head = headOf(state, event.user);
  const sequence = guard === 'blind' ? head.version + 1 : event.sequence;
  const position = state.log.push({
    ...{ position: state.log.length + 1, event: { ...event, sequence }, readVersion, commandId, writer },
    ...(authority === undefined ? {} : { authority: { shard: authority.shard, epoch: authority.epoch } }),
  });
  head.version = Math.max(head.version, sequence);
  head.positions.set(sequence, position);
  if (asked.uniqueEmail) moveEmail(state, head, event.user, emailChange(event));
  keepRequest(state, asked, sequence, nowMs);
  return { outcome: 'appended', sequence };
}

/**
 * The order of the checks is part of the contract: what a request was told before, and what is in the log already, comes before
 * everything else. So who lost its shard after its append, and its answer with it, still learns that the append counts.
 */
function refusalOf(state: EventStoreState, asked: Append, nowMs: number): AppendAnswer | null {
  const { event, readVersion, guard, request } = asked;
  const known = request === null ? null : requestOf(state, request.key, nowMs);
  if (known !== null && request !== null) {
    if (known.fingerprint !== request.fingerprint) return { outcome: 'request-reused' };
    return { outcome: 'replayed', eventId: known.eventId, sequence: known.sequence };
  }
  const head = state.heads.get(event.user);
  const version = head?.version ?? 0;
  const isMet = guard === 'expected' && version !== readVersion;
  if (isMet && state.log[(head?.positions.get(event.sequence) ?? 0) - 1]?.event.id === event.id)
    return { outcome: 'appended', sequence: event.sequence };
  if (asked.authority?.isChecked === true && !isSeeded(state)) return { outcome: 'unseeded' };
  if (!mayAct(state, asked.authority, asked.writer)) {
    return { outcome: 'stale-epoch', epoch: state.owners.get(asked.authority?.shard ?? '')?.epoch ?? 0 };
  }
  if (isMet) return { outcome: 'version-conflict', version };
  const email = asked.uniqueEmail ? emailChange(event).claimed : null;
  const by = email === null ? undefined : state.emails.get(email);
  if (by !== undefined && by !== event.user) return { outcome: 'email-taken', by };
  const isFull = state.log.length - (state.cursors.get(RELAY) ?? 0) >= OUTBOX_COUNT_MAX;
  return isFull ? { outcome: 'outbox-full' } : null;
}

/** Equal, and not just no lower: a store that lost its last grants would give the same number to two owners. */
function mayAct({ owners }: EventStoreState, authority: AppendAuthority | undefined, writer: string): boolean {
  if (authority === undefined || !authority.isChecked) return true;
  const granted = owners.get(authority.shard);
  return granted?.epoch === authority.epoch && granted.owner === writer;
}

/** Whether what the store holds is what it ever accepted, as far as anybody knows. */
export function isSeeded({ guardsIncarnation, seededIn, incarnation }: EventStoreState): boolean {
  return !guardsIncarnation || seededIn === incarnation;
}

/** Whoever names an incarnation that is over has seeded a store that is not there any more. */
export function markSeeded(state: EventStoreState, incarnation: string): void {
  state.seededIn = incarnation;
}

/** Null: nobody was granted the shard, as far as a store knows that may have gone back in time. */
export function ownerOf(state: EventStoreState, shard: string): ShardOwner | null {
  return isSeeded(state) ? (state.owners.get(shard) ?? null) : null;
}

/** Makes `owner` the one that acts for the shard. From the same step on nobody before it does. Null: the store is not seeded. */
export function grantEpoch(state: EventStoreState, shard: string, owner: string): number | null {
  if (!isSeeded(state)) return null;
  const epoch = (state.owners.get(shard)?.epoch ?? 0) + 1;
  state.owners.set(shard, { epoch, owner });
  state.grants.push({ shard, epoch, owner, after: state.log.length });
  if (state.grants.length > GRANT_COUNT_MAX) state.grants.shift();
  return epoch;
}

function moveEmail(state: EventStoreState, head: StreamHead, user: string, { claimed, releases }: EmailChange): void {
  if (releases && head.email !== null) state.emails.delete(head.email);
  if (releases) head.email = claimed;
  if (claimed !== null) state.emails.set(claimed, user);
}

function headOf(state: EventStoreState, user: string): StreamHead {
  const head = state.heads.get(user) ?? { version: 0, email: null, positions: new Map<number, number>() };
  state.heads.set(user, head);
  return head;
}

function keepRequest(state: EventStoreState, { request, event }: Append, sequence: number, nowMs: number): void {
  if (request === null) return;
  const { key, fingerprint, ttlMs } = request;
  const expiresAtMs = ttlMs === null ? null : nowMs + ttlMs;
  state.requests.set(key, { fingerprint, eventId: event.id, sequence, expiresAtMs });
}

/** A record that expires at T is gone at T. */
export function requestOf(state: EventStoreState, key: string, nowMs: number): AcceptedRequest | null {
  const kept = state.requests.get(key);
  if (kept === undefined || (kept.expiresAtMs !== null && nowMs >= kept.expiresAtMs)) return null;
  const { fingerprint, eventId, sequence } = kept;
  return { fingerprint, eventId, sequence };
}

/** The user's entries fromSequence..toSequence that there are, in order. */
export function entriesOf(
  state: EventStoreState,
  user: string,
  fromSequence: number,
  toSequence: number,
): readonly LoggedAppend[] {
  const head = state.heads.get(user);
  const entries: LoggedAppend[] = [];
  const last = Math.min(toSequence, head?.version ?? 0);
  for (let sequence = fromSequence; sequence <= last; sequence += 1) {
    const entry = state.log[(head?.positions.get(sequence) ?? 0) - 1];
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** Every user with the version of its stream, in the order of first appends. */
export function streamHeads(state: EventStoreState): readonly EventRef[] {
  return [...state.heads].map(([user, { version: sequence }]) => ({ user, sequence }));
}

/** Nobody has come further than the log: who means to was told of entries that this store has lost since. */
export function moveCursor(state: EventStoreState, subscriber: string, position: number): void {
  const reached = Math.min(position, state.log.length);
  state.cursors.set(subscriber, Math.max(reached, state.cursors.get(subscriber) ?? 0));
}

export function hold(
  state: EventStoreState,
  subscriber: string,
  owner: string,
  { nowMs, ttlMs }: { readonly nowMs: number; readonly ttlMs: number },
): boolean {
  const held = state.holds.get(subscriber);
  if (held !== undefined && held.owner !== owner && nowMs < held.untilMs) return false;
  state.holds.set(subscriber, { owner, untilMs: nowMs + ttlMs });
  return true;
}
