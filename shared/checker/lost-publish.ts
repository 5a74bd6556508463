/** W6: a publish was answered ok and the event is not in the log. */
import type { Law, Report } from './law';
import type { UserLedger } from './user-ledger';

export function lostPublish(): Law {
  return {
    ids: ['W6'],
    sees: [],
    observe() {},
    finish(run, report) {
      for (const user of run.users.values()) judge(user, run.isDrained, report);
    },
  };
}

/** A stored message whose event cannot be read has no sequence in the log, so as many absences are explained by it. */
function judge(user: UserLedger, isDrained: boolean, report: Report): void {
  const missing = [...user.published.without(user.logged)];
  if (missing.length <= user.unreadableLoggedCount) return;
  for (const sequence of missing)
    report({
      ...{ id: 'W6', user, sequence, how: placeOf(sequence, user), events: [sequence] },
      isDefinite: isDrained && user.unreadableLoggedCount === 0,
      sentence: () => `${user.name} #${sequence} was answered ok and is not in the log`,
    });
}

/** A missing tail was cut off; anything else never arrived. */
function placeOf(sequence: number, user: UserLedger): string {
  if (sequence > user.logged.max) return 'tail';
  return user.logged.frontier === 0 && sequence < (user.logged.above(0) ?? 0) ? 'prefix' : 'middle';
}
