/**
 * X16: an acknowledgement was sent before the store had answered that nothing is left to do. A hazard: it does harm when
 * a crash follows, and then the loss is an X1. Counted once an event.
 */
import type { Law } from './law';

export function ackBeforeEffect(): Law {
  return {
    ids: ['X16'],
    sees: [],
    observe() {},
    finish(run, report) {
      /** Forgetting what the context does not listen to is acknowledging without an effect, by contract. */
      const forgets = run.header.context.unlistened === 'ignore';
      for (const user of run.users.values())
        for (const [start, end] of user.acknowledgedEarly.runs())
          for (let sequence = start; sequence <= end; sequence += 1)
            if (!forgets || !user.unlistened.has(sequence))
              report({
                ...{ id: 'X16', user, sequence, isDefinite: true, how: null, events: [sequence] },
                sentence: () => `${user.name} #${sequence} was acknowledged before it was applied`,
              });
    },
  };
}
