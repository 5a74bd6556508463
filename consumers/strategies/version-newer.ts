/** The popular "ignore older events": a late event is silently lost (X1), because nobody sees the hole that it left. */
import { strategyOf } from './procedure';
import { applying } from './step-action';

/** Event 3 raises the version before event 2 arrives, and 2 is dropped as stale: right for full states, wrong for deltas. */
export const versionNewer = strategyOf({
  name: 'version-newer',
  summary: 'one call: apply if the sequence is above the stored version, otherwise skip; acknowledge',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: { does: applying('newer', 'when-configured'), on: { applied: 'end:applied', stale: 'end:dropped' } },
  },
});
