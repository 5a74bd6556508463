/** X9: an idempotency key says done and no effect exists: `realised` when a delivery was skipped for it, else `latent`. */
import type { Law, Report } from './law';
import type { UserLedger } from './user-ledger';

export function poisonedMarker(): Law {
  return {
    ids: ['X9'],
    sees: [],
    observe() {},
    finish(run, report) {
      for (const user of run.users.values()) judge(user, run.isDrained, report);
    },
  };
}

/** A skip that was right in the end is none: the holder of the key went on and applied the event. */
function judge(user: UserLedger, isDefinite: boolean, report: Report): void {
  for (const sequence of user.skipped.without(user.applied))
    report({
      ...{ id: 'X9', user, sequence, isDefinite, how: 'realised', events: [sequence] },
      sentence: () => `${user.name} #${sequence} was skipped for its idempotency key and has no effect`,
    });
  for (const sequence of user.marked.without(user.applied))
    if (!user.skipped.has(sequence))
      report({
        ...{ id: 'X9', user, sequence, isDefinite, how: 'latent', events: [sequence] },
        sentence: () => `${user.name} #${sequence} has an idempotency key and no effect`,
      });
}
