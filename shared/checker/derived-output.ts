/** X21: the result topic misses an event, repeats one, or holds a user's results in another order than the log. */
import { IntervalSet } from './interval-set';
import type { Law, Report } from './law';
import type { ResultMoment } from './moment';
import type { RunLedger } from './run-ledger';
import type { UserLedger } from './user-ledger';

export function derivedOutput(): Law {
  const results = new Map<UserLedger, IntervalSet>();
  return {
    ids: ['X21'],
    sees: ['result'],
    observe(moment, _run, report) {
      if (moment.kind === 'result') judgeEntry(moment, results, report);
    },
    finish(run, report) {
      if (run.header.resultTopic === null) return;
      for (const user of run.users.values()) judgeMissing(user, results.get(user) ?? new IntervalSet(), run, report);
    },
  };
}

function judgeEntry({ user, sequence }: ResultMoment, results: Map<UserLedger, IntervalSet>, report: Report): void {
  const seen = results.get(user) ?? new IntervalSet();
  results.set(user, seen);
  const above = seen.above(sequence);
  if (!seen.add(sequence))
    report({
      ...{ id: 'X21', user, sequence, isDefinite: true, how: 'duplicate', events: [sequence] },
      sentence: () => `the result of ${user.name} #${sequence} stands twice on the result topic`,
    });
  else if (above !== null)
    report({
      ...{ id: 'X21', user, sequence, isDefinite: true, how: 'order', events: [above, sequence] },
      sentence: () => `the result of ${user.name} #${above} stands before that of #${sequence}`,
    });
}

/** An event that the context does not listen to, or that was kept aside, owes no result. */
function judgeMissing(user: UserLedger, seen: IntervalSet, run: RunLedger, report: Report): void {
  for (const sequence of user.logged.without(seen)) {
    if (user.unlistened.has(sequence) || user.quarantined.has(sequence)) continue;
    report({
      ...{ id: 'X21', user, sequence, isDefinite: run.isDrained, how: 'missing', events: [sequence] },
      sentence: () => `the result of ${user.name} #${sequence} is not on the result topic`,
    });
  }
}
