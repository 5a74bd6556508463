/**
 * X8: handlers of one user ran at the same time, by the begin and end that they count in the store.
 *
 * An owner that is open when another begins may be dead: then it never writes again for this user. So the overlap is
 * reported when that owner's next effect or end arrives, and never from clocks. It may also have ended without the store
 * having heard of it, when the connection broke, or the store forgot it: when it begins again it was not in the middle of its
 * work.
 */
import type { Held } from './consumer-ledger';
import { type Law, nothingLeft, type Report } from './law';
import type { EffectMoment, HandlerMoment } from './moment';
import type { RunLedger } from './run-ledger';
import type { UserLedger } from './user-ledger';

/** The owner that began while the other was open, and what each had in hand then. */
interface Overlap {
  readonly beginner: string;
  readonly sequences: readonly number[];
}

type OverlapsByUser = Map<UserLedger, Map<string, Overlap>>;

export function handlerOverlap(): Law {
  const byUser: OverlapsByUser = new Map();
  return {
    ids: ['X8'],
    sees: ['effect', 'handler'],
    observe(moment, run, report) {
      if (moment.kind === 'handler' && moment.record.type === 'begin') suspect(moment, run, byUser);
      else if (moment.kind === 'effect' || moment.kind === 'handler') confirm(moment, byUser, report);
    },
    finish: nothingLeft,
  };
}

function suspect({ user, record }: HandlerMoment, run: RunLedger, byUser: OverlapsByUser): void {
  if (record.type !== 'begin') return;
  byUser.get(user)?.delete(record.owner);
  for (const owner of record.open) {
    /** The dead stay open in the store for ever. */
    if (run.consumers.get(owner)?.cause === 'crash') continue;
    const overlaps = byUser.get(user) ?? new Map<string, Overlap>();
    byUser.set(user, overlaps);
    if (overlaps.has(owner)) continue;
    overlaps.set(owner, { beginner: record.owner, sequences: inHand(user, [owner, record.owner]) });
  }
}

function confirm({ user, record }: EffectMoment | HandlerMoment, byUser: OverlapsByUser, report: Report): void {
  const overlaps = byUser.get(user);
  const overlap = overlaps?.get(record.owner);
  if (overlaps === undefined || overlap === undefined) return;
  overlaps.delete(record.owner);
  report({
    ...{ id: 'X8', user, sequence: null, isDefinite: true, how: null, events: overlap.sequences },
    sentence: () => `handlers of ${user.name} ran at ${record.owner} and ${overlap.beginner} at the same time`,
  });
}

/** The smallest sequence that each of the owners holds. */
function inHand(user: UserLedger, owners: readonly string[]): readonly number[] {
  const held = [...user.held.values()].toSorted((one: Held, other: Held) => one.sequence - other.sequence);
  return owners.flatMap((owner) => {
    const first = held.find(({ holder }) => holder.name === owner);
    return first === undefined ? [] : [first.sequence];
  });
}
