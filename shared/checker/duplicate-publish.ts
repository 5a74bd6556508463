/** W4: one event stands at more than one position of the log. Another event at its place is a fork (W1). */
import { type Law, nothingLeft } from './law';
import { LoggedIds } from './logged-ids';

export function duplicatePublish(): Law {
  const ids = new LoggedIds();
  return {
    ids: ['W4'],
    sees: ['log'],
    observe(moment, run, report) {
      if (moment.kind !== 'log') return;
      const { user, event } = moment;
      const canFork = run.header.guarantees.W1 !== 'not-applicable';
      const other = canFork ? ids.otherAt(user, event) : null;
      if (moment.isFirst || other !== null) return;
      const { sequence } = event;
      report({
        ...{ id: 'W4', user, sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () => `${user.name} #${sequence} stands twice in the log`,
      });
    },
    finish: nothingLeft,
  };
}
