/** X18: the state of a user differs from the fold of the log. Its chain hash makes that one comparison a user. */
import type { StateBody } from '../model/history';
import type { Law, Report } from './law';
import { foldNext, type LogFold, NOTHING_FOLDED } from './log-fold';
import type { LogMoment } from './moment';
import type { RunLedger } from './run-ledger';
import { ToldMeanings } from './told-meanings';
import type { UserLedger } from './user-ledger';

export function stateDivergence(): Law {
  const folds = new Map<UserLedger, LogFold>();
  const states = new Map<UserLedger, StateBody>();
  const meanings = new ToldMeanings();
  return {
    ids: ['X18'],
    sees: ['log', 'state'],
    observe(moment, run) {
      if (moment.kind === 'state') states.set(moment.user, moment.record);
      if (moment.kind === 'log' && moment.isFirst) fold(moment, run, folds, meanings);
    },
    finish(run, report) {
      for (const user of run.users.values())
        judge(user, folds.get(user) ?? NOTHING_FOLDED, states.get(user), run, report);
    },
  };
}

function fold(
  { user, event, digest, isListened }: LogMoment,
  run: RunLedger,
  folds: Map<UserLedger, LogFold>,
  meanings: ToldMeanings,
): void {
  if (!isListened && run.header.context.unlistened === 'ignore') return;
  const isNews = meanings.toldBefore(user, event, run) === null;
  folds.set(user, foldNext(folds.get(user) ?? NOTHING_FOLDED, event, digest, isListened && isNews));
}

type Part = 'missing' | 'fields' | 'version' | 'chain';

const DIFFERENCE: Readonly<Record<Part, string>> = {
  missing: 'is missing, and the log holds events of the user',
  fields: 'holds other fields than the log gives',
  version: 'stands at another version than the log',
  chain: 'has the same fields, reached by other events or in another order than those of the log',
};

function judge(
  user: UserLedger,
  expected: LogFold,
  state: StateBody | undefined,
  run: RunLedger,
  report: Report,
): void {
  const how = differingPart(expected, state);
  if (how === null) return;
  report({
    /** Out of sequence in the log (W8): the fold and the order of sequences cannot both be right. */
    ...{ id: 'X18', user, sequence: null, isDefinite: run.isDrained && !user.isOutOfSequence, how, events: [] },
    sentence: () => `the state of ${user.name} ${DIFFERENCE[how]}`,
  });
}

function differingPart(expected: LogFold, state: StateBody | undefined): Part | null {
  if (state === undefined) return expected.version === 0 ? null : 'missing';
  const { fields } = expected;
  const isEqual =
    fields.name === state.fields.name &&
    fields.email === state.fields.email &&
    fields.balance === state.fields.balance &&
    fields.deleted === state.fields.deleted;
  if (!isEqual) return 'fields';
  if (expected.version !== state.version) return 'version';
  return expected.chain === state.chain ? null : 'chain';
}
