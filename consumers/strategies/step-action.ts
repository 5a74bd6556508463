/** What the steps of the tables do: work → action. */
import type { Action, Guard, LoggedEvent, StoreOperation } from '../../shared/model/action';
import type { UserCreated } from '../../shared/model/event';
import { subjectOf, type Work } from './work';

/** Events of one user that a repair reads at a time; a longer gap is repaired piece by piece. */
export const REPAIR_EVENT_COUNT_MAX = 1000;

type StoreAction = Extract<Action, { readonly kind: 'store' }>;

/** Whether `apply` also sets the event's idempotency key, in the same atomic call. */
type MarkerUse = 'never' | 'when-configured' | 'always';

/** Apply the event, under a guard, in one atomic call. */
export function applying(guard: Guard, marker: MarkerUse): (work: Work) => StoreAction {
  return (work) => application(work, guard, marker, subjectOf(work).listened);
}

function application(work: Work, guard: Guard, marker: MarkerUse, changesModel: boolean): StoreAction {
  const { event, digest } = subjectOf(work);
  const { owner, markerTtlMs, idempotencyKeys } = work.settings;
  const setsMarker = marker === 'always' || (marker === 'when-configured' && idempotencyKeys);
  return store({ name: 'apply', event, digest, guard, setsMarker, markerTtlMs, changesModel, owner });
}

/** Predecessors in which an equal meaning is looked for, counted back from the event. */
export const MEANING_EVENT_COUNT_MAX = 1000;

/**
 * Apply the next event, and a creation only where none of the same meaning came before: then the version moves and the
 * model stays. That is decided on the log before the event, which no crash, repeat or rival can change. So it needs no
 * record of its own, and an event that is no second creation costs nothing more.
 */
export function applyingOnce(work: Work): Action {
  const { event, listened } = subjectOf(work);
  const { user, sequence } = event;
  const mayRepeat = listened && event.type === 'UserCreated' && sequence > 1;
  if (!mayRepeat) return application(work, 'next', 'when-configured', listened);
  if (work.past !== null) return application(work, 'next', 'when-configured', !isMeantBefore(event, work.past));
  const fromSequence = Math.max(1, sequence - MEANING_EVENT_COUNT_MAX);
  return { kind: 'read-log', user, fromSequence, toSequence: sequence - 1 };
}

/** A creation with this name and e-mail, of a user that was not deleted since. */
function isMeantBefore({ data: { name, email } }: UserCreated, past: readonly LoggedEvent[]): boolean {
  const deletedAt = past.findLastIndex(({ event }) => event.type === 'UserDeleted');
  return past
    .slice(deletedAt + 1)
    .some(({ event }) => event.type === 'UserCreated' && event.data.name === name && event.data.email === email);
}

/** Is the event's idempotency key there? */
export function checkMarker(work: Work): Action {
  const { id, user } = subjectOf(work).event;
  return store({ name: 'check-marker', user, eventId: id });
}

/** SETNX the event's idempotency key. */
export function claimMarker(work: Work): Action {
  const { id, user, sequence } = subjectOf(work).event;
  return store({ name: 'claim-marker', user, eventId: id, sequence, ttlMs: work.settings.markerTtlMs });
}

/** SET the event's idempotency key. */
export function setMarker(work: Work): Action {
  const { id, user, sequence } = subjectOf(work).event;
  return store({ name: 'set-marker', user, eventId: id, sequence, ttlMs: work.settings.markerTtlMs });
}

/** Keep the delivery, unacknowledged, until its predecessor is applied; meanwhile the user's next delivery goes on. */
export function awaitPredecessor(work: Work): Action {
  return { kind: 'park', reason: 'gap', lane: 'free', deadlineMs: work.settings.gapDeadlineMs };
}

/** Read from the log what lies between the stored version and the delivery's own event. */
export function readMissing({ delivery, version }: Work): Action {
  const { user, sequence } = delivery.event;
  const toSequence = Math.min(sequence - 1, version + REPAIR_EVENT_COUNT_MAX);
  return { kind: 'read-log', user, fromSequence: version + 1, toSequence };
}

/** Another event stands at this sequence: keep the message aside, with the reason. */
export function quarantineConflict({ delivery }: Work): Action {
  return store({
    name: 'quarantine',
    user: delivery.event.user,
    messageId: delivery.messageId,
    reason: 'sequence-conflict',
  });
}

function store(operation: StoreOperation): StoreAction {
  return { kind: 'store', operation };
}
