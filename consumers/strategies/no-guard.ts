/** At least once, and no defence: what comes again is applied again (X2). */
import { strategyOf } from './procedure';
import { applying } from './step-action';

/** A crash between the effect and the acknowledgement brings the event again, and nothing recognises it. */
export const noGuard = strategyOf({
  name: 'no-guard',
  summary: 'apply; acknowledge',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: { does: applying('none', 'never'), on: { applied: 'end:applied' } },
  },
});
