/**
 * X3: the first effects of two events of one user are inverted.
 *
 * A repeat of event 1 after event 2 is no reorder (it is X2 with X5): only first effects count.
 */
import { type Law, nothingLeft } from './law';

export function effectReorder(): Law {
  return {
    ids: ['X3'],
    sees: ['effect'],
    observe(moment, _run, report) {
      if (moment.kind !== 'effect' || !moment.isFirst || moment.above === null) return;
      const { user, record, above } = moment;
      const { sequence } = record;
      report({
        ...{ id: 'X3', user, sequence, isDefinite: true, how: null, events: [above, sequence] },
        sentence: () => `${user.name} #${above} was applied before #${sequence}`,
      });
    },
    finish: nothingLeft,
  };
}
