/** W12: what was committed and what was published differ. Two writes that are no one step, and something fell between. */
import type { Law } from './law';

interface Place {
  readonly user: string;
  readonly sequence: number;
}

export function dualWrite(): Law {
  const committed = new Map<string, Place>();
  const logged = new Map<string, Place>();
  return {
    ids: ['W12'],
    sees: ['record', 'log'],
    observe(moment) {
      if (moment.kind === 'record' && moment.record.stream === 'App' && moment.record.type === 'entry')
        committed.set(moment.record.eventId, moment.record);
      if (moment.kind === 'log')
        logged.set(moment.event.id, { user: moment.user.name, sequence: moment.event.sequence });
    },
    finish(run, report) {
      const tell = ({ user: name, sequence }: Place, how: 'orphan' | 'ghost') =>
        report({
          ...{ id: 'W12', user: run.userOf(name), sequence, isDefinite: run.isDrained, how, events: [sequence] },
          sentence: () =>
            how === 'orphan'
              ? `${name} #${sequence} was committed and never published`
              : `${name} #${sequence} was published and never committed`,
        });
      for (const [id, place] of committed) if (!logged.has(id)) tell(place, 'orphan');
      for (const [id, place] of logged) if (!committed.has(id)) tell(place, 'ghost');
    },
  };
}
