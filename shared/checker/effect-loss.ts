/** X1: an event in the log has no effect at quiescence and no policy says why. */
import type { Law, Report } from './law';
import type { RunLedger } from './run-ledger';
import type { UserLedger } from './user-ledger';

type LossHow =
  | 'never-delivered'
  | 'parked'
  | 'rolled-back'
  | 'poisoned-marker'
  | 'dropped'
  | 'ack-before-effect'
  | 'unknown';

const WHY: Readonly<Record<LossHow, string>> = {
  'never-delivered': 'it reached no consumer',
  parked: 'its delivery is still parked',
  'rolled-back': 'the store forgot it when it went back in time',
  'poisoned-marker': 'its idempotency key says done',
  dropped: 'a guard dropped it as older than the state',
  'ack-before-effect': 'it was acknowledged before it was applied',
  unknown: 'nothing on record says why',
};

export function effectLoss(): Law {
  return {
    ids: ['X1'],
    sees: [],
    observe() {},
    finish(run, report) {
      for (const user of run.users.values()) judge(user, run, report);
    },
  };
}

function judge(user: UserLedger, run: RunLedger, report: Report): void {
  for (const sequence of user.logged.without(user.applied)) {
    if (isExcused(sequence, user, run)) continue;
    const how = howLost(sequence, user);
    report({
      ...{ id: 'X1', user, sequence, isDefinite: run.isDrained, how, events: [sequence] },
      sentence: () => `${user.name} #${sequence} is in the log and has no effect: ${WHY[how]}`,
    });
  }
}

/** Policies: kept aside with its reason, or of a type that this context is told to forget. */
function isExcused(sequence: number, user: UserLedger, run: RunLedger): boolean {
  if (user.quarantined.has(sequence)) return true;
  return run.header.context.unlistened === 'ignore' && user.unlistened.has(sequence);
}

/** The first that holds: what never arrived cannot have been dropped, what still waits was not skipped. */
function howLost(sequence: number, user: UserLedger): LossHow {
  if (!user.delivered.has(sequence)) return 'never-delivered';
  for (const held of user.held.values()) if (held.sequence === sequence && held.delivery.isParked) return 'parked';
  if (user.forgotten.has(sequence)) return 'rolled-back';
  if (user.skipped.has(sequence) || user.marked.has(sequence)) return 'poisoned-marker';
  if (user.dropped.has(sequence)) return 'dropped';
  return user.acknowledgedEarly.has(sequence) ? 'ack-before-effect' : 'unknown';
}
