/** D1: an event in the log was never delivered at quiescence. */
import type { Law, Report } from './law';
import type { UserLedger } from './user-ledger';

export function deliveryLoss(): Law {
  return {
    ids: ['D1'],
    sees: [],
    observe() {},
    finish(run, report) {
      for (const user of run.users.values()) judge(user, run.isDrained, report);
    },
  };
}

function judge(user: UserLedger, isDefinite: boolean, report: Report): void {
  for (const sequence of user.logged.without(user.delivered))
    report({
      ...{ id: 'D1', user, sequence, isDefinite, how: null, events: [sequence] },
      sentence: () => `${user.name} #${sequence} is in the log and reached no consumer`,
    });
  const unseenCount = user.unreadableLoggedCount - user.unreadableQuarantined.size;
  if (unseenCount > 0)
    report({
      ...{ id: 'D1', user, sequence: null, isDefinite, how: 'unreadable', events: [] },
      sentence: () => `${unseenCount} unreadable message(s) of ${user.name} were neither delivered nor quarantined`,
    });
}
