/**
 * X6: an effect exists for an event that is not in the log.
 *
 * Sequences are compared as sets. Ids are compared as one sum per user: the sum of a hash over first effects, minus that
 * over the log entries of the same sequences, is 0 when they name the same events. A difference shows that some effect
 * names another event than the log does at its place, not which one; that costs one number a user instead of every id.
 */
import type { Law, Report } from './law';
import type { UserLedger } from './user-ledger';

const MODULUS = 2_147_483_647;

export function phantomEffect(): Law {
  const sums = new Map<UserLedger, number>();
  const add = (user: UserLedger, amount: number) => {
    sums.set(user, ((sums.get(user) ?? 0) + amount + MODULUS) % MODULUS);
  };
  return {
    ids: ['X6'],
    sees: ['effect', 'held', 'rollback', 'log'],
    observe(moment) {
      if (moment.kind === 'rollback') sums.delete(moment.user);
      if ((moment.kind === 'effect' || moment.kind === 'held') && moment.isFirst)
        add(moment.user, hashOf(moment.record.eventId, moment.record.sequence));
      if (moment.kind === 'log' && moment.isFirst && moment.user.applied.has(moment.event.sequence))
        add(moment.user, -hashOf(moment.event.id, moment.event.sequence));
    },
    finish(run, report) {
      for (const user of run.users.values()) judge(user, sums.get(user) ?? 0, run.isDrained, report);
    },
  };
}

function judge(user: UserLedger, sum: number, isDefinite: boolean, report: Report): void {
  let phantomCount = 0;
  for (const sequence of user.applied.without(user.logged)) {
    phantomCount += 1;
    report({
      ...{ id: 'X6', user, sequence, isDefinite, how: 'not-logged', events: [sequence] },
      sentence: () => `${user.name} #${sequence} has an effect and is not in the log`,
    });
  }
  if (phantomCount === 0 && sum !== 0)
    report({
      ...{ id: 'X6', user, sequence: null, isDefinite, how: 'other-event', events: [] },
      sentence: () => `an effect of ${user.name} carries the id of an event that the log does not hold at its place`,
    });
}

/** Below MODULUS, and different for the same id at another sequence. */
function hashOf(eventId: string, sequence: number): number {
  let hash = sequence | 0;
  for (let index = 0; index < eventId.length; index += 1) hash = (Math.imul(hash, 31) + eventId.charCodeAt(index)) | 0;
  return (Math.imul(hash, 0x9e3779b1) >>> 1) % MODULUS;
}
