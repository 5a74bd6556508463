/** X4: an event was applied while its predecessor had not been. */
import { type Law, nothingLeft } from './law';

export function effectGap(): Law {
  return {
    ids: ['X4'],
    sees: ['effect'],
    observe(moment, run, report) {
      if (moment.kind !== 'effect' || !moment.isFirst) return;
      const { user, record, highest } = moment;
      const { sequence } = record;
      const holeCount = sequence - highest - 1;
      /** Messages that nobody can read are kept aside: as many holes are explained by them. */
      if (holeCount <= user.unreadableQuarantined.size + user.quarantined.size) return;
      /** A context that forgets what it does not listen to sees holes by contract. */
      if (run.header.context.listensTo !== null && run.header.context.unlistened === 'ignore') return;
      report({
        ...{ id: 'X4', user, sequence, isDefinite: true, how: null, events: [sequence - 1, sequence] },
        sentence: () => `${user.name} #${sequence} was applied while #${sequence - 1} had not been`,
      });
    },
    finish: nothingLeft,
  };
}
