/** W7: an event is in the log, and nobody sent it, or every attempt was answered by a definite failure. */
import type { PubBody } from '../model/history';
import { type Law, nothingLeft } from './law';

/** What became of the attempts at one event. */
interface Attempts {
  /** Not returned: their producer may have died, and the message may be stored. */
  openCount: number;
  mayBeStored: boolean;
}

export function phantomPublish(): Law {
  const attemptsAt = new Map<string, Attempts>();
  return {
    ids: ['W7'],
    sees: ['record', 'log'],
    observe(moment, run, report) {
      if (moment.kind === 'record' && moment.record.stream === 'Pub' && moment.record.topic === run.header.topic)
        note(attemptsAt, moment.record);
      if (moment.kind !== 'log') return;
      const { user, event } = moment;
      const { sequence } = event;
      const attempts = attemptsAt.get(event.id);
      if (attempts !== undefined && (attempts.mayBeStored || attempts.openCount > 0)) return;
      const how = attempts === undefined ? 'nobody' : 'failed';
      report({
        ...{ id: 'W7', user, sequence, isDefinite: true, how, events: [sequence] },
        sentence: () =>
          how === 'nobody'
            ? `${user.name} #${sequence} is in the log and nobody sent it`
            : `${user.name} #${sequence} is in the log though every attempt failed`,
      });
    },
    finish: nothingLeft,
  };
}

/** A retry that failed takes back nothing: an earlier attempt may still have been stored. */
function note(attemptsAt: Map<string, Attempts>, record: PubBody): void {
  const attempts = attemptsAt.get(record.eventId) ?? { openCount: 0, mayBeStored: false };
  attemptsAt.set(record.eventId, attempts);
  attempts.openCount += record.type === 'invoke' ? 1 : -1;
  if (record.type === 'return' && record.outcome !== 'fail') attempts.mayBeStored = true;
}
