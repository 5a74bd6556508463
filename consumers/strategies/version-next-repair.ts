/** The reference: only the next sequence is applied, and a gap that lasts is filled from the log. */
import { strategyOf } from './procedure';
import { applying, awaitPredecessor, quarantineConflict, readMissing } from './step-action';
import type { Work } from './work';

/**
 * What the log gives goes through the same `apply` as a delivery, one event after the other, then the delivery's own
 * event. Where the log has no predecessor either, the next answer is a gap and the delivery waits again.
 */
export const versionNextRepair = strategyOf({
  name: 'version-next-repair',
  summary: 'as version-next-park, and what is missing after a deadline is read from the log and applied',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: {
      does: applying('next', 'when-configured'),
      on: { applied: 'end:applied', duplicate: 'end:absorbed', gap: 'wait', conflict: setAside },
    },
    wait: { does: awaitPredecessor, on: { 'predecessor-applied': 'apply', deadline: 'read' } },
    read: { does: readMissing, on: { log: 'apply' } },
    quarantine: { does: quarantineConflict, on: { noted: 'end:quarantined' } },
  },
});

/** An event read from the log is no delivery: its own message, when it comes, is the one to keep aside. */
export function setAside({ missing }: Work): 'quarantine' | 'end:dropped' {
  return missing.length === 0 ? 'quarantine' : 'end:dropped';
}
