/** The idempotency key and the effect in one atomic call: once, but in whatever order the broker delivers (X3, X5). */
import { strategyOf } from './procedure';
import { applying } from './step-action';

/** Holds under crashes and overlapping owners while keys do not expire; one negative acknowledgement swaps events. */
export const atomicSetnx = strategyOf({
  name: 'atomic-setnx',
  summary: 'one call: idempotency key there? skip; otherwise set it and apply; acknowledge',
  acknowledges: 'last',
  first: 'apply',
  steps: {
    apply: { does: applying('marker', 'always'), on: { applied: 'end:applied', duplicate: 'end:absorbed' } },
  },
});
