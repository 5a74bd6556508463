/** W4: one event stands at more than one position of the log. */
import { type Law, nothingLeft } from './law';

export function duplicatePublish(): Law {
  return {
    ids: ['W4'],
    sees: ['log'],
    observe(moment, _run, report) {
      if (moment.kind !== 'log' || moment.isFirst) return;
      const { user, event } = moment;
      const { sequence } = event;
      report({
        ...{ id: 'W4', user, sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () => `${user.name} #${sequence} stands twice in the log`,
      });
    },
    finish: nothingLeft,
  };
}
