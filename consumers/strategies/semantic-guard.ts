/** As the reference, and two creations that mean the same change the model once, whatever their ids. */
import { strategyOf } from './procedure';
import { applyingOnce, awaitPredecessor, quarantineConflict, readMissing } from './step-action';
import { setAside } from './version-next-repair';

/**
 * For a topic whose writers do not compare meanings. No idempotency key helps there: the events are two, with two ids at two
 * places. The second one still moves the version, and its result is published: its successors and the derived topic would
 * have a hole without it. The meaning is looked for in at most MEANING_EVENT_COUNT_MAX predecessors.
 */
export const semanticGuard = strategyOf({
  name: 'semantic-guard',
  summary: 'as version-next-repair, and a creation that repeats an earlier one moves the version only',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: {
      does: applyingOnce,
      logIs: 'past',
      on: { log: 'apply', applied: 'end:applied', duplicate: 'end:absorbed', gap: 'wait', conflict: setAside },
    },
    wait: { does: awaitPredecessor, on: { 'predecessor-applied': 'apply', deadline: 'read' } },
    read: { does: readMissing, on: { log: 'apply' } },
    quarantine: { does: quarantineConflict, on: { noted: 'end:quarantined' } },
  },
});
