/**
 * The store as a machine: one plain-data state over many users, changed in place by `step`.
 *
 * Same state and same input give the same reply. It has no durability of its own: what a step has changed stays changed.
 */
import type { StoreAnswer, StoreOperation } from '../model/action';
import type { EffBody, MarkerBody, QuarantineBody, StateBody } from '../model/history';
import { unreachable } from '../model/invariant';
import { hashPlain } from './plain-data';
import { applyOperation, isLive } from './store-operation';
import type { Marker, UserRecord } from './user-record';

/** Everything the store holds. Owned by whoever opened it; only `step` writes to it. */
export interface StoreState {
  /** User → record. */
  readonly records: Map<string, UserRecord>;
  /** User → event id → idempotency key. Keys that have expired may still be here; nothing shows them. */
  readonly markers: Map<string, Map<string, Marker>>;
}

/** A copy that no later step reaches. JSON keeps it. */
export interface StoreSnapshot {
  readonly records: readonly (readonly [string, UserRecord])[];
  readonly markers: readonly (readonly [string, readonly (readonly [string, Marker])[]])[];
}

export interface StoreInput {
  readonly operation: StoreOperation;
  /** The store's clock at the step, in milliseconds. */
  readonly nowMs: number;
}

export interface StoreReply {
  readonly answer: StoreAnswer;
  /** To be written in the same step as the change. */
  readonly journal: readonly EffBody[];
}

export function openStoreState(): StoreState {
  return { records: new Map(), markers: new Map() };
}

/** Performs one operation and changes `state` in place. */
export function step(state: StoreState, { operation, nowMs }: StoreInput): StoreReply {
  const { user, eventId } = addressOf(operation);
  const touched = {
    record: state.records.get(user) ?? null,
    marker: (eventId === null ? null : state.markers.get(user)?.get(eventId)) ?? null,
  };
  const { record, marker, answer, journal } = applyOperation(touched, operation, nowMs);
  if (record !== null && record !== touched.record) state.records.set(user, record);
  if (eventId !== null && marker !== touched.marker) putMarker(state, user, eventId, marker);
  return { answer, journal };
}

/** The record and the key that an operation touches. */
function addressOf(operation: StoreOperation): { readonly user: string; readonly eventId: string | null } {
  switch (operation.name) {
    case 'apply':
      return { user: operation.event.user, eventId: operation.event.id };
    case 'check-marker':
    case 'claim-marker':
    case 'set-marker':
      return { user: operation.user, eventId: operation.eventId };
    case 'begin-handler':
    case 'end-handler':
    case 'quarantine':
      return { user: operation.user, eventId: null };
    default:
      return unreachable(operation, 'store operation');
  }
}

function putMarker(state: StoreState, user: string, eventId: string, marker: Marker | null): void {
  const markers = state.markers.get(user) ?? new Map<string, Marker>();
  if (marker === null) markers.delete(eventId);
  else markers.set(eventId, marker);
  if (markers.size === 0) state.markers.delete(user);
  else state.markers.set(user, markers);
}

/** Every user that the store has heard of, in the order of first hearing. */
export function usersOf(state: StoreState): readonly string[] {
  return [...new Set([...state.records.keys(), ...state.markers.keys()])];
}

/**
 * What the store shows of one user at `nowMs`: its state, its quarantine, its idempotency keys. A user to whom no event
 * was ever applied has no state: a handler that only began leaves nothing that a reader could see.
 */
export function dumpUser(
  state: StoreState,
  user: string,
  nowMs: number,
): readonly (StateBody | QuarantineBody | MarkerBody)[] {
  const record = state.records.get(user);
  const markers = [...(state.markers.get(user) ?? [])].filter(([, marker]) => isLive(marker, nowMs));
  return [
    ...(record === undefined ? [] : recordBodies(user, record)),
    ...markers.map(
      ([eventId, marker]): MarkerBody => ({ stream: 'Markers', type: 'marker', user, eventId, ...marker }),
    ),
  ];
}

function recordBodies(user: string, record: UserRecord): readonly (StateBody | QuarantineBody)[] {
  const { fields, version, lastEventId, chain, quarantine } = record;
  const kept = quarantine.map((aside): QuarantineBody => ({ stream: 'State', type: 'quarantined', user, ...aside }));
  if (version === 0) return kept;
  return [{ stream: 'State', type: 'user', user, fields, version, lastEventId, chain }, ...kept];
}

/** Records and markers are never changed once stored, so copying the maps is enough. */
export function snapshot(state: StoreState): StoreSnapshot {
  return {
    records: [...state.records],
    markers: [...state.markers].map(([user, markers]) => [user, [...markers]] as const),
  };
}

export function restore({ records, markers }: StoreSnapshot): StoreState {
  return {
    records: new Map(records),
    markers: new Map(markers.map(([user, entries]) => [user, new Map(entries)])),
  };
}

/** Equal for equal contents, in whatever order they came about. Not a security device. */
export function hash(state: StoreState): string {
  const markers = [...state.markers].map(([user, entries]) => [user, sorted([...entries])] as const);
  return hashPlain([sorted([...state.records]), sorted(markers)]);
}

/** By code units: locale must not matter. */
function sorted<Value>(entries: readonly (readonly [string, Value])[]): readonly (readonly [string, Value])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
