/** X2 by meaning: a creation that said what an earlier one had said changed the model again, under an id of its own. */
import { IntervalSet } from './interval-set';
import { type Law, nothingLeft } from './law';
import type { EffectMoment, HeldMoment } from './moment';
import { ToldMeanings } from './told-meanings';
import type { UserLedger } from './user-ledger';

export function repeatedMeaning(): Law {
  /** What changed the model, by user. The log, which tells what it meant, is read back later. */
  const changed = new Map<UserLedger, IntervalSet>();
  const meanings = new ToldMeanings();
  return {
    ids: ['X2'],
    sees: ['effect', 'held', 'rollback', 'log'],
    observe(moment, run, report) {
      if (run.header.context.identity !== 'meaning') return;
      if (moment.kind === 'rollback') changed.delete(moment.user);
      if (moment.kind === 'effect' || moment.kind === 'held') note(changed, moment);
      if (moment.kind !== 'log' || !moment.isFirst) return;
      const { user, event } = moment;
      const { sequence } = event;
      const first = meanings.toldBefore(user, event, run);
      if (first === null || changed.get(user)?.has(sequence) !== true) return;
      report({
        ...{ id: 'X2', user, sequence, isDefinite: true, how: 'same-meaning', events: [first, sequence] },
        sentence: () => `${user.name} #${sequence} says what #${first} had said, and changed the model again`,
      });
    },
    finish: nothingLeft,
  };
}

function note(changed: Map<UserLedger, IntervalSet>, { user, record }: EffectMoment | HeldMoment): void {
  if (!record.changedModel) return;
  const sequences = changed.get(user) ?? new IntervalSet();
  changed.set(user, sequences);
  sequences.add(record.sequence);
}
