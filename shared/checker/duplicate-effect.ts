/** X2: one event changed the read model more than once. */
import { type Law, nothingLeft } from './law';

export function duplicateEffect(): Law {
  return {
    ids: ['X2'],
    sees: ['effect'],
    observe(moment, _run, report) {
      if (moment.kind !== 'effect' || moment.isFirst) return;
      const { user, record } = moment;
      const { sequence, owner } = record;
      report({
        ...{ id: 'X2', user, sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () => `${user.name} #${sequence} was applied again, by ${owner}`,
      });
    },
    finish: nothingLeft,
  };
}
