/**
 * The replay rule (anomalies 4): D2 counts legal repeats, D4 illegal ones, D6 overtakings after a negative
 * acknowledgement.
 *
 * A repeat of an event is legal only if (1) no acknowledgement of it was counted before, (2) a cause is on record, and
 * (3) the user's unacknowledged events come again in ascending order, before any event that was never delivered.
 * Condition 3 is judged when the repeat arrives: an event that later ones have overtaken since the cause is out of order.
 * One that never comes again was acknowledged after all, its confirmation lost with its consumer, and is left alone.
 * Condition 1 does not hold, once, for what had a cause before its acknowledgement: the broker may have handed it on then,
 * and no acknowledgement reaches into the queue of who has it. Nor for what an outage of the broker undid (outages.ts).
 * Condition 3 does not hold under Shared, which promises no order, nor after a negative acknowledgement (D6).
 */
import type { Held } from './consumer-ledger';
import type { Law, Occurrence, Report } from './law';
import type { ReceivedMoment, StepMoment } from './moment';
import type { RunLedger } from './run-ledger';
import { Suspicions } from './suspicions';

export function redelivery(): Law {
  const suspicions = new Suspicions();
  return {
    ids: ['D2', 'D4', 'D6'],
    sees: ['received', 'step', 'gone'],
    observe(moment, run, report) {
      if (moment.kind === 'received') {
        confirm(suspicions, moment, run, report);
        for (const held of moment.overtaken) if (held.cause === 'nack') report(overtaking(held, moment));
        if (moment.arrival === 'repeat') judge(moment, run, suspicions, report);
      } else if (moment.kind === 'step') confirm(suspicions, moment, run, report);
      else if (moment.kind === 'gone')
        for (const accused of suspicions.drop(moment.consumer))
          report(legal(accused, moment.consumer.cause ?? 'leave'));
    },
    finish(run, report) {
      for (const accused of suspicions.rest(run.orderError)) report(accused);
    },
  };
}

function confirm(suspicions: Suspicions, moment: ReceivedMoment | StepMoment, run: RunLedger, report: Report): void {
  for (const accused of suspicions.confirm(moment.consumer, moment.order, run.orderError)) report(accused);
}

function judge(moment: ReceivedMoment, run: RunLedger, suspicions: Suspicions, report: Report): void {
  const { previous, order, consumer } = moment;
  if (consumer.cause === 'pause') report(legal(illegal(moment, 'without-cause'), 'pause'));
  else if (previous === null) report(repeatOfAcknowledged(moment, run));
  else if (previous.cause === null) {
    const accused = illegal(moment, 'without-cause');
    if (previous.holder === moment.consumer) report(accused);
    else suspicions.add(previous.holder, order, accused);
  } else if (isOutOfOrder(previous, run)) report(illegal(moment, 'out-of-order'));
  else report(legal(illegal(moment, 'out-of-order'), previous.cause));
}

/** An outage of the broker waives the first condition, once, for what it need not have kept (outages.ts). */
function repeatOfAcknowledged(moment: ReceivedMoment, run: RunLedger): Occurrence {
  const { user, order, messageId } = moment;
  const repeat = illegal(moment, 'after-acknowledgement');
  const undoing = run.outages.undoing(messageId, user.acknowledgedAfter.get(messageId) ?? 0);
  if (undoing.kind === 'kept') return illegal(moment, 'kept');
  if (undoing.kind === 'lost') return legal(repeat, `acknowledgement-lost-at-${undoing.fault}`);
  const cause = user.takeSentAgain(messageId);
  if (cause !== null) return legal(repeat, cause);
  if (run.header.acknowledgements === 'sent') return legal(repeat, 'acknowledgement-on-its-way');
  return { ...repeat, isDefinite: order - user.acknowledgedOrder >= run.orderError };
}

function isOutOfOrder(previous: Held, run: RunLedger): boolean {
  if (run.header.topology.subscriptionType === 'shared' || previous.cause === 'nack') return false;
  return previous.overtakenBy !== null;
}

function illegal({ user, sequence, previous, consumer }: ReceivedMoment, how: IllegalHow): Occurrence {
  const overtakenBy = previous?.overtakenBy ?? null;
  const holder = previous?.holder.name ?? 'its holder';
  const events = how === 'out-of-order' && overtakenBy !== null ? [overtakenBy, sequence] : [sequence];
  return {
    ...{ id: 'D4', user, sequence, isDefinite: true, how, events },
    sentence: () =>
      `${user.name} #${sequence} was delivered again at ${consumer.name} ${ILLEGAL[how](overtakenBy, holder)}`,
  };
}

type IllegalHow = 'after-acknowledgement' | 'kept' | 'without-cause' | 'out-of-order';
const ILLEGAL: Readonly<Record<IllegalHow, (overtakenBy: number | null, holder: string) => string>> = {
  'after-acknowledgement': () => 'after its acknowledgement was confirmed',
  kept: () => 'although the broker had kept its acknowledgement',
  'without-cause': (_, holder) => `while ${holder} held it, was alive and had not given it back`,
  'out-of-order': (overtakenBy) => `after #${overtakenBy}, which has to wait for it`,
};

function legal(repeat: Occurrence, how: string): Occurrence {
  const { user, sequence } = repeat;
  const sentence = () => `${user?.name ?? ''} #${sequence} was delivered again (${how})`;
  return { ...repeat, id: 'D2', how, events: sequence === null ? [] : [sequence], isDefinite: true, sentence };
}

function overtaking(held: Held, { user, sequence }: ReceivedMoment): Occurrence {
  return {
    ...{ id: 'D6', user, sequence: held.sequence, isDefinite: true, how: null, events: [sequence, held.sequence] },
    sentence: () => `${user.name} #${sequence} was delivered while #${held.sequence} was negatively acknowledged`,
  };
}
