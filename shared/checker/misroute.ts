/**
 * W9: a user's events lie in more than one place, or under another key than the user's. Order is promised within a partition
 * and for a key, so what lies elsewhere has none with the rest. Partitions are not added while a run lasts.
 */
import { type Law, nothingLeft } from './law';

export function misroute(): Law {
  /** Where the first event of each user lies. */
  const places = new Map<string, string>();
  return {
    ids: ['W9'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'Log') return;
      const { topic, partition, key, event } = moment.record;
      if (topic === run.header.resultTopic || event === null) return;
      const { user: name, sequence } = event;
      const place = partition < 0 ? topic : `${topic}, partition ${partition}`;
      const first = places.get(name) ?? place;
      places.set(name, first);
      const how = key !== name ? 'foreign-key' : first !== place ? 'two-places' : null;
      if (how === null) return;
      report({
        ...{ id: 'W9', user: run.userOf(name), sequence, isDefinite: true, how, events: [sequence] },
        sentence: () =>
          how === 'foreign-key'
            ? `${name} #${sequence} lies under the key ${key}`
            : `${name} #${sequence} lies in ${place}, and what came before it in ${first}`,
      });
    },
    finish: nothingLeft,
  };
}
