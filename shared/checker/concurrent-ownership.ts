/** D5: two live consumers held unacknowledged messages of one user at the same time. */
import type { ConsumerLedger } from './consumer-ledger';
import type { Law, Occurrence } from './law';
import type { ReceivedMoment } from './moment';
import { Suspicions } from './suspicions';

export function concurrentOwnership(): Law {
  const suspicions = new Suspicions();
  return {
    ids: ['D5'],
    sees: ['received', 'step', 'gone'],
    observe(moment, run, report) {
      if (moment.kind === 'gone') suspicions.drop(moment.consumer);
      else if (moment.kind === 'received' || moment.kind === 'step') {
        for (const accused of suspicions.confirm(moment.consumer, moment.order, run.orderError)) report(accused);
        if (moment.kind === 'received') suspect(moment, suspicions);
      }
    },
    finish(run, report) {
      for (const accused of suspicions.rest(run.orderError)) report(accused);
    },
  };
}

/** The first other holder suffices: one delivery is one occurrence. */
function suspect(moment: ReceivedMoment, suspicions: Suspicions): void {
  for (const holder of moment.otherHolders) {
    suspicions.add(holder, moment.order, ownership(moment, holder));
    return;
  }
}

function ownership({ user, sequence, consumer }: ReceivedMoment, holder: ConsumerLedger): Occurrence {
  const heldSequence = [...user.held.values()].find((held) => held.holder === holder && held.isCounted)?.sequence;
  return {
    ...{ id: 'D5', user, sequence, isDefinite: true, how: null },
    events: heldSequence === undefined ? [sequence] : [heldSequence, sequence],
    sentence: () =>
      `${consumer.name} received ${user.name} #${sequence} while ${holder.name} held ` +
      (heldSequence === undefined ? 'the same event' : `#${heldSequence}`),
  };
}
