/** Events and operations that the store's tests are made of. All of one user unless a test says otherwise. */
import type { Guard, StoreAnswer, StoreOperation } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import type { EffBody, MarkerBody } from '../../shared/model/history';

type ApplyOperation = Extract<StoreOperation, { readonly name: 'apply' }>;

export const USER = 'ada';
/** Time to live of the keys that expire. */
export const TTL_MS = 200;

const ENVELOPE = { user: USER, intendedAt: 0, schemaVersion: 1 } as const;

export function created(): UserEvent {
  return { ...ENVELOPE, id: 'e1', sequence: 1, type: 'UserCreated', data: { name: 'Ada', email: 'ada@example.org' } };
}

/** Adds 1 to the balance: the balance counts effects. */
export function credited(sequence: number, id = `e${sequence}`): UserEvent {
  return { ...ENVELOPE, id, sequence, type: 'UserCredited', data: { amount: 1 } };
}

/** One of each type, some after the deletion. */
export function biography(): readonly UserEvent[] {
  return [
    created(),
    { ...ENVELOPE, id: 'e2', sequence: 2, type: 'UserCredited', data: { amount: 3 } },
    { ...ENVELOPE, id: 'e3', sequence: 3, type: 'UserDebited', data: { amount: 10 } },
    { ...ENVELOPE, id: 'e4', sequence: 4, type: 'UserRenamed', data: { name: 'Grace' } },
    { ...ENVELOPE, id: 'e5', sequence: 5, type: 'UserEmailChanged', data: { email: 'grace@example.org' } },
    { ...ENVELOPE, id: 'e6', sequence: 6, type: 'UserDeleted', data: {} },
  ];
}

interface GuardRow {
  readonly guard: Guard;
  readonly what: string;
  readonly event: UserEvent;
  readonly outcome: StoreAnswer['outcome'];
}

/** Every guard against every place that an event can have beside the stored version 2. */
export const GUARD_ROWS: readonly GuardRow[] = (
  [
    ['none', 'applied', 'applied', 'applied', 'applied', 'applied'],
    ['marker', 'applied', 'applied', 'applied', 'applied', 'applied'],
    ['newer', 'stale', 'stale', 'stale', 'applied', 'applied'],
    ['next', 'duplicate', 'duplicate', 'conflict', 'applied', 'gap'],
  ] as const
).flatMap(([guard, older, same, other, next, beyond]) => [
  { guard, what: 'an older event', event: credited(1), outcome: older },
  { guard, what: 'the last event', event: credited(2), outcome: same },
  { guard, what: 'another event at the same sequence', event: credited(2, 'other'), outcome: other },
  { guard, what: 'the next event', event: credited(3), outcome: next },
  { guard, what: 'an event beyond a hole', event: credited(4), outcome: beyond },
]);

export function apply(event: UserEvent, changes: Partial<ApplyOperation> = {}): ApplyOperation {
  return {
    name: 'apply',
    event,
    digest: event.sequence,
    guard: 'none',
    setsMarker: false,
    markerTtlMs: null,
    changesModel: true,
    owner: 'c1#1',
    ...changes,
  };
}

export function applyExpiring(): ApplyOperation {
  return apply(credited(1), { guard: 'marker', setsMarker: true, markerTtlMs: TTL_MS });
}

export function check(eventId: string): StoreOperation {
  return { name: 'check-marker', user: USER, eventId };
}

export function claim(eventId: string) {
  return { name: 'claim-marker', user: USER, eventId, sequence: 1, ttlMs: null } as const;
}

export function handler(name: 'begin-handler' | 'end-handler', owner: string) {
  return { name, user: USER, owner } as const;
}

export function quarantine(messageId: string, reason: string): StoreOperation {
  return { name: 'quarantine', user: USER, messageId, reason };
}

export function markerBody(eventId: string, sequence: number): MarkerBody {
  return { stream: 'Markers', type: 'marker', user: USER, eventId, sequence, expiresAtMs: null };
}

export function effect(facts: Partial<Extract<EffBody, { type: 'effect' }>>): object {
  return { stream: 'Eff', type: 'effect', user: USER, changedModel: true, owner: 'c1#1', ...facts };
}
