/** W16: a command was accepted before another one on the same user began, and its event stands behind the other's. */
import { type Law, nothingLeft } from './law';

export function appendOrder(): Law {
  /** The highest sequence that was answered, by user, and what that was when each attempt that is under way began. */
  const answered = new Map<string, number>();
  const atInvoke = new Map<string, number>();
  return {
    ids: ['W16'],
    sees: ['record'],
    observe(moment, run, report) {
      if (moment.kind !== 'record' || moment.record.stream !== 'Cmd') return;
      const { record } = moment;
      const { user: name } = record;
      const attempt = `${record.session} ${record.command} ${record.writer}`;
      const highest = answered.get(name) ?? 0;
      if (record.type === 'invoke') {
        atInvoke.set(attempt, highest);
        return;
      }
      const before = atInvoke.get(attempt) ?? 0;
      atInvoke.delete(attempt);
      const { outcome, sequence, replayed } = record;
      /** An answer that is given again is as old as it says. */
      if (outcome !== 'accepted' || sequence === null || replayed) return;
      answered.set(name, Math.max(highest, sequence));
      if (sequence > before) return;
      report({
        ...{ id: 'W16', user: run.userOf(name), sequence, isDefinite: true, how: null, events: [before, sequence] },
        sentence: () => `${name} #${sequence} was asked for after #${before} had been accepted`,
      });
    },
    finish: nothingLeft,
  };
}
