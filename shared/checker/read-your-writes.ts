/** R2: a session read an older version of a user than it had written itself. A read that was refused saw nothing. */
import { type Law, nothingLeft } from './law';

export function readYourWrites(): Law {
  /** The highest version that each session was told it wrote, by session and user. */
  const written = new Map<string, number>();
  return {
    ids: ['R2'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record') return;
      const { record } = moment;
      if (record.stream === 'Cmd' && record.type === 'return' && record.outcome === 'accepted') {
        const place = placeOf(record);
        written.set(place, Math.max(record.sequence ?? 0, written.get(place) ?? 0));
      }
      if (record.stream !== 'Obs') return;
      const { user: name, version, session } = record;
      const own = written.get(placeOf(record)) ?? 0;
      if (version >= own) return;
      report({
        ...{ id: 'R2', user: run.userOf(name), sequence: own, isDefinite: true, how: null, events: [own] },
        sentence: () => `${session} wrote ${name} #${own} and then read version ${version}`,
      });
    },
    finish: nothingLeft,
  };
}

function placeOf({ session, user }: { readonly session: string; readonly user: string }): string {
  return `${session} ${user}`;
}
