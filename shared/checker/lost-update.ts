/** W2: an event was accepted behind others that its decision had not seen. What it overrules was never looked at. */
import { type Law, nothingLeft } from './law';

export function lostUpdate(): Law {
  return {
    ids: ['W2'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'App' || moment.record.type !== 'entry') return;
      const { user: name, sequence, readVersion } = moment.record;
      if (sequence === readVersion + 1) return;
      report({
        ...{ id: 'W2', user: run.userOf(name), sequence, isDefinite: true, how: null, events: [sequence] },
        sentence: () => `${name} #${sequence} was decided on version ${readVersion}`,
      });
    },
    finish: nothingLeft,
  };
}
