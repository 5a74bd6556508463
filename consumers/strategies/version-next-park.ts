/** Only the next sequence is applied; what comes too early waits for its predecessor. */
import { strategyOf } from './procedure';
import { applying, awaitPredecessor, quarantineConflict } from './step-action';

/**
 * The wait has a deadline, after which the store is asked again: another consumer may have applied the predecessor, and
 * nobody tells this one. A predecessor that is lost is waited for without end.
 */
export const versionNextPark = strategyOf({
  name: 'version-next-park',
  summary:
    'one call: apply if the sequence is the next, skip if it was applied; on a gap park and ask again; acknowledge',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: {
      does: applying('next', 'when-configured'),
      on: { applied: 'end:applied', duplicate: 'end:absorbed', gap: 'wait', conflict: 'quarantine' },
    },
    wait: { does: awaitPredecessor, on: { 'predecessor-applied': 'apply', deadline: 'apply' } },
    quarantine: { does: quarantineConflict, on: { noted: 'end:quarantined' } },
  },
});
