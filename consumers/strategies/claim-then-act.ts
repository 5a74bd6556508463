/** The idempotency key beside the effect, taken before it: a crash in between swallows the event for ever (X9, then X1). */
import { strategyOf } from './procedure';
import { applying, claimMarker } from './step-action';

/**
 * The key says done before anything is done. It breaks order as well: an old owner claims event 2, the new one skips 2
 * as done and applies 3, then the old one applies 2 (X3, X5).
 */
export const claimThenAct = strategyOf({
  name: 'claim-then-act',
  summary: 'SETNX the idempotency key, lost? skip; apply; acknowledge',
  acknowledges: 'last',
  first: 'claim',
  steps: {
    claim: { does: claimMarker, on: { present: 'end:absorbed', absent: 'apply' } },
    apply: { does: applying('none', 'never'), on: { applied: 'end:applied' } },
  },
});
