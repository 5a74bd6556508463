/** At most once: what is acknowledged and then not applied is lost (X1). */
import { strategyOf } from './procedure';
import { applying } from './step-action';

/** A crash between the acknowledgement and the effect loses the event: the broker will not bring it again. */
export const ackFirst = strategyOf({
  name: 'ack-first',
  summary: 'acknowledge; apply',
  acknowledges: 'first',
  first: 'apply',
  steps: {
    apply: { does: applying('none', 'never'), on: { applied: 'end:applied' } },
  },
});
