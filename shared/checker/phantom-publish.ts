/** W7: an event is in the log, and nobody sent it, or every attempt was answered by a definite failure. */
import { type Law, nothingLeft } from './law';

export function phantomPublish(): Law {
  /** By event id: an attempt is open, or may have been stored; or all of them failed. */
  const attempts = new Map<string, 'may-be-stored' | 'failed'>();
  return {
    ids: ['W7'],
    sees: ['record', 'log'],
    observe(moment, run, report) {
      if (moment.kind === 'record' && moment.record.stream === 'Pub' && moment.record.topic === run.header.topic) {
        const { type, eventId } = moment.record;
        const isFailed = type === 'return' && moment.record.outcome === 'fail';
        /** A retry that failed takes back nothing: an earlier attempt may still have been stored. */
        if (type === 'invoke' && !attempts.has(eventId)) attempts.set(eventId, 'failed');
        if (type === 'return' && !isFailed) attempts.set(eventId, 'may-be-stored');
      }
      if (moment.kind !== 'log') return;
      const { user, event } = moment;
      const { sequence } = event;
      const attempt = attempts.get(event.id);
      if (attempt === 'may-be-stored') return;
      const how = attempt === undefined ? 'nobody' : 'failed';
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
