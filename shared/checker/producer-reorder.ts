/**
 * W8: published out of order. One user has one authority that numbers its events before it sends them, so a log order
 * that is not the order of sequences is the order of sends broken on the way.
 */
import { type Law, nothingLeft } from './law';

export function producerReorder(): Law {
  return {
    ids: ['W8'],
    sees: ['log'],
    observe(moment, _run, report) {
      if (moment.kind !== 'log' || !moment.isFirst || moment.event.sequence > moment.highest) return;
      const { user, event, highest } = moment;
      const { sequence } = event;
      report({
        ...{ id: 'W8', user, sequence, isDefinite: true, how: null, events: [highest, sequence] },
        sentence: () => `${user.name} #${sequence} stands behind #${highest} in the log`,
      });
    },
    finish: nothingLeft,
  };
}
