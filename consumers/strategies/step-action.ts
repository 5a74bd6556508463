/** What the steps of the tables do: work → action. */
import type { Action, Guard, StoreOperation } from '../../shared/model/action';
import { subjectOf, type Work } from './work';

/** Events of one user that a repair reads at a time; a longer gap is repaired piece by piece. */
export const REPAIR_EVENT_COUNT_MAX = 1000;

type StoreAction = Extract<Action, { readonly kind: 'store' }>;

/** Whether `apply` also sets the event's idempotency key, in the same atomic call. */
type MarkerUse = 'never' | 'when-configured' | 'always';

/** Apply the event, under a guard, in one atomic call. */
export function applying(guard: Guard, marker: MarkerUse): (work: Work) => StoreAction {
  return (work) => {
    const { event, digest, listened } = subjectOf(work);
    const { owner, markerTtlMs, idempotencyKeys } = work.settings;
    const setsMarker = marker === 'always' || (marker === 'when-configured' && idempotencyKeys);
    const changesModel = listened;
    return store({ name: 'apply', event, digest, guard, setsMarker, markerTtlMs, changesModel, owner });
  };
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
