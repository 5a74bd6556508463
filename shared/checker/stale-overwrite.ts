/** X5: an event of a lower sequence was applied to a state of a higher version, even if that was healed later. */
import { type Law, nothingLeft } from './law';

export function staleOverwrite(): Law {
  return {
    ids: ['X5'],
    sees: ['effect'],
    observe(moment, _run, report) {
      if (moment.kind !== 'effect') return;
      const { user, record, highest } = moment;
      const { sequence, versionBefore } = record;
      const version = Math.max(highest, versionBefore);
      if (sequence >= version) return;
      report({
        ...{ id: 'X5', user, sequence, isDefinite: true, how: null, events: [version, sequence] },
        sentence: () => `${user.name} #${sequence} was written over a state that held #${version}`,
      });
    },
    finish: nothingLeft,
  };
}
