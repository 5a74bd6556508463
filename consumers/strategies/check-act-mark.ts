/** The idempotency key beside the effect, written after it: a crash in between applies twice (X10, then X2). */
import { strategyOf } from './procedure';
import { applying, checkMarker, setMarker } from './step-action';

/** Effect and key are two steps, and so are check and effect: an overlapping owner passes the check as well. */
export const checkActMark = strategyOf({
  name: 'check-act-mark',
  summary: 'idempotency key there? skip; apply; write the key; acknowledge',
  acknowledges: 'last',
  first: 'check',
  steps: {
    check: { does: checkMarker, on: { present: 'end:absorbed', absent: 'apply' } },
    apply: { does: applying('none', 'never'), on: { applied: 'mark' } },
    mark: { does: setMarker, on: { present: 'end:applied' } },
  },
});
