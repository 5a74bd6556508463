/**
 * W5: what a producer had under way together was stored in part, and the rest came later, behind a foreign event or in
 * another order.
 *
 * Events of one user that are under way at one time are one batch: whoever sends 2 and 3 without a wait between means both,
 * in this order. The counterexample is a retry that looks only at what failed:
 *   1. a and b are under way; a fails, b is stored;
 *   2. somebody else's event is stored;
 *   3. a is sent again and accepted.
 * Each append was right by itself, and what stands there was never meant by anybody.
 */
import type { PubBody } from '../model/history';
import type { Law, Report } from './law';
import type { RunLedger } from './run-ledger';

interface Member {
  readonly eventId: string;
  readonly sequence: number;
  sends: number;
  isStored: boolean;
}

/** Events of one user that one producer had under way together, in the order of their sends. */
interface Batch {
  readonly members: Map<string, Member>;
  underWayCount: number;
}

/** Of one producer and user: the batch that takes new events, and those that wait for a retry. */
interface Sending {
  current: Batch;
  readonly broken: Batch[];
}

export function partialOverlap(): Law {
  const sendings = new Map<string, Sending>();
  /** Batches that were stored in part, by user; only of their users the log is kept. */
  const broken = new Map<string, Batch[]>();
  const logged = new Map<string, string[]>();
  return {
    ids: ['W5'],
    sees: ['record', 'log'],
    observe(moment, run) {
      if (moment.kind === 'record' && moment.record.stream === 'Pub' && moment.record.topic === run.header.topic)
        note(sendings, broken, moment.record);
      if (moment.kind !== 'log' || !broken.has(moment.user.name)) return;
      const ids = logged.get(moment.user.name) ?? [];
      logged.set(moment.user.name, ids);
      if (!ids.includes(moment.event.id)) ids.push(moment.event.id);
    },
    finish(run, report) {
      for (const [user, batches] of broken)
        for (const batch of batches) judge(user, batch, logged.get(user) ?? [], run, report);
    },
  };
}

function note(sendings: Map<string, Sending>, broken: Map<string, Batch[]>, record: PubBody): void {
  const name = `${record.producer} ${record.user}`;
  const sending = sendings.get(name) ?? { current: emptyBatch(), broken: [] };
  sendings.set(name, sending);
  if (record.type === 'invoke') invoke(sending, record);
  else if (settle(sending, record)) broken.set(record.user, [...(broken.get(record.user) ?? []), sending.current]);
}

function invoke(sending: Sending, { eventId, sequence }: PubBody): void {
  const retried = [sending.current, ...sending.broken].find(({ members }) => members.has(eventId));
  /** What is over takes no new event: those that failed wait in `broken`, the others need not be remembered. */
  if (retried === undefined && sending.current.underWayCount === 0) sending.current = emptyBatch();
  const batch = retried ?? sending.current;
  const member = batch.members.get(eventId) ?? { eventId, sequence, sends: 0, isStored: false };
  batch.members.set(eventId, member);
  member.sends += 1;
  batch.underWayCount += 1;
}

/** True: the current batch is over, and stored in part. */
function settle(sending: Sending, record: Extract<PubBody, { readonly type: 'return' }>): boolean {
  const { current, broken } = sending;
  const batch = [current, ...broken].find(({ members }) => members.has(record.eventId));
  const member = batch?.members.get(record.eventId);
  if (batch === undefined || member === undefined) return false;
  batch.underWayCount -= 1;
  member.isStored ||= record.outcome === 'ok';
  const stored = [...batch.members.values()].filter(({ isStored }) => isStored).length;
  const isPartial = batch === current && batch.underWayCount === 0 && stored > 0 && stored < batch.members.size;
  if (isPartial && !broken.includes(batch)) broken.push(batch);
  else return false;
  return true;
}

function emptyBatch(): Batch {
  return { members: new Map(), underWayCount: 0 };
}

function judge(name: string, { members }: Batch, ids: readonly string[], run: RunLedger, report: Report): void {
  const sent = [...members.values()];
  const again = sent.find(({ sends }) => sends > 1);
  const stored = ids.filter((id) => members.has(id));
  if (again === undefined || stored.length < 2) return;
  const meant = sent.map(({ eventId }) => eventId).filter((id) => stored.includes(id));
  const isReordered = meant.some((id, index) => stored[index] !== id);
  const between = ids.slice(ids.indexOf(stored[0] ?? ''), ids.indexOf(stored.at(-1) ?? ''));
  if (!isReordered && between.every((id) => members.has(id))) return;
  const how = isReordered ? 'reordered' : 'foreign';
  const { sequence } = again;
  report({
    ...{ id: 'W5', user: run.userOf(name), sequence, isDefinite: true, how },
    events: sent.map((member) => member.sequence),
    sentence: () => `${name} #${sequence} was sent again after a part of its batch, and stands ${PLACE[how]}`,
  });
}

const PLACE = { reordered: 'in another order than it was sent in', foreign: 'behind a foreign event' } as const;
