/**
 * X10: an effect exists and the idempotency key that should record it is missing: `realised` when a delivery met that,
 * `latent` when it stands so at quiescence.
 *
 * Claim-then-act meets an absent key before there is an effect, which is right: the effect must be there already. And
 * the event must have come again: where clocks order the history, a consumer's own effect may seem to precede the look
 * at the key that it followed.
 */
import type { Law, Report } from './law';
import type { StepMoment } from './moment';
import type { RunLedger } from './run-ledger';

export function unrecordedEffect(): Law {
  return {
    ids: ['X10'],
    sees: ['step'],
    observe(moment, run, report) {
      if (moment.kind === 'step' && foundNoKey(moment, run)) realised(moment, report);
    },
    finish(run, report) {
      /** With a time to live, a missing key has expired: that is the setting's doing. */
      if (run.header.idempotencyKeys && !run.markersExpire) latent(run, report);
    },
  };
}

function foundNoKey({ record, user, delivery }: StepMoment, run: RunLedger): boolean {
  if (delivery?.cameAgain !== true) return false;
  if (record.type !== 'answered' || record.sequence === null || !user.applied.has(record.sequence)) return false;
  if (record.operation === 'check-marker' || record.operation === 'claim-marker') return record.outcome === 'absent';
  const wasAbsorbed = record.outcome === 'duplicate' || record.outcome === 'stale';
  return run.header.idempotencyKeys && record.operation === 'apply' && wasAbsorbed && record.markerPresent === false;
}

function realised({ record, user }: StepMoment, report: Report): void {
  const { sequence } = record;
  if (sequence === null) return;
  report({
    ...{ id: 'X10', user, sequence, isDefinite: true, how: 'realised', events: [sequence] },
    sentence: () => `${user.name} #${sequence} came again, had an effect, and had no idempotency key`,
  });
}

function latent(run: RunLedger, report: Report): void {
  for (const user of run.users.values())
    for (const sequence of user.applied.without(user.marked))
      report({
        ...{ id: 'X10', user, sequence, isDefinite: run.isDrained, how: 'latent', events: [sequence] },
        sentence: () => `${user.name} #${sequence} has an effect and no idempotency key`,
      });
}
