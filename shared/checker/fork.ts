/** W1: two events of one user carry the same sequence. Each of two writers believed that the place was free. */
import { type Law, nothingLeft } from './law';
import { LoggedIds } from './logged-ids';

export function fork(): Law {
  const ids = new LoggedIds();
  return {
    ids: ['W1'],
    sees: ['log'],
    observe(moment, _run, report) {
      if (moment.kind !== 'log') return;
      const { user, event } = moment;
      const first = ids.otherAt(user, event);
      if (first === null) return;
      const { sequence, id } = event;
      report({
        ...{ id: 'W1', user, sequence, isDefinite: true, how: null, events: [sequence, sequence] },
        sentence: () => `${user.name} has two events #${sequence}: ${first} and ${id}`,
      });
    },
    finish: nothingLeft,
  };
}
