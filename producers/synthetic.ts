/** Synthetic workloads: drawn from a seed, shaped like the recorded ones. */
import type { Random } from '../shared/ports';
import { AliasTable } from './alias-table';
import { skewWeights } from './skew';
import type { EventDraft } from './trace';

/** What a user does after it was created, in percent: mostly credits, as in the recorded traces. */
const MIX = [
  { type: 'UserCredited', weight: 86 },
  { type: 'UserDebited', weight: 6 },
  { type: 'UserEmailChanged', weight: 5 },
  { type: 'UserRenamed', weight: 3 },
] as const;

const MIX_TABLE = new AliasTable(MIX.map(({ weight }) => weight));

/** Amounts of credits and debits are 1..100. */
const AMOUNT_MAX = 100;

/** Parameters of a synthetic workload, as a plan has them. */
export interface SyntheticWorkload {
  readonly users: number;
  readonly events: number;
  /** See skewWeights. */
  readonly skew: string;
}

/** What a load says of its drafts beside their facts. */
export interface DraftHeads {
  /** When each comes, one after the other. Default: 0, they have no time of their own. */
  readonly offsetsMs: Iterator<number>;
  /** Names the users anew. */
  readonly nameOf: (user: string) => string;
}

/**
 * `events` drafts of the users `u-1`, `u-2`, …, where `u-1` is the busiest. A user's first event is UserCreated.
 * With at least as many events as users, every user occurs: those that chance left out are created at the end.
 */
export function* syntheticDrafts(
  workload: SyntheticWorkload,
  random: Random,
  heads: DraftHeads | null = null,
): Generator<EventDraft> {
  const table = new AliasTable(skewWeights(workload.skew, workload.users));
  const users = random.stream('workload', 'user');
  const facts = random.stream('workload', 'fact');
  const absent = new Set(Array.from({ length: workload.users }, (_, index) => index));
  /** A live iterator: it passes over users that have been created meanwhile. */
  const stragglers = absent.values();
  const createsAll = workload.events >= workload.users;
  for (let left = workload.events; left > 0; left -= 1) {
    const straggler = createsAll && left <= absent.size ? stragglers.next().value : undefined;
    const index = straggler ?? table.draw(users);
    const user = `u-${index + 1}`;
    const isNew = absent.delete(index);
    if (heads === null) yield syntheticDraft(user, isNew, facts);
    else yield syntheticDraft(heads.nameOf(user), isNew, facts, heads.offsetsMs.next().value);
  }
}

/** One draft: what befalls a user, drawn. */
export function syntheticDraft(user: string, isNew: boolean, random: Random, at = 0): EventDraft {
  const type = isNew ? 'UserCreated' : (MIX[MIX_TABLE.draw(random)]?.type ?? 'UserCredited');
  switch (type) {
    case 'UserCreated':
      return { at, user, type, data: { name: name(random), email: email(random) } };
    case 'UserRenamed':
      return { at, user, type, data: { name: name(random) } };
    case 'UserEmailChanged':
      return { at, user, type, data: { email: email(random) } };
    default:
      return { at, user, type, data: { amount: 1 + random.below(AMOUNT_MAX) } };
  }
}

function name(random: Random): string {
  return `name-${hexadecimal(random)}`;
}

function email(random: Random): string {
  return `${hexadecimal(random)}@example.org`;
}

function hexadecimal(random: Random): string {
  return random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
