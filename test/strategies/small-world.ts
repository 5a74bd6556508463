/**
 * A world small enough to visit whole: one user, three events whose order matters, an at-least-once broker that hands
 * everything over at once, and a strategy. Every interleaving of its consumers' atomic actions is tried, and at every
 * moment the adversary may spend what its budget allows.
 *
 * It is a driver of its own, so that a mistake of the projector cannot hide one of a strategy. Handing over the reply is
 * part of the action: a crash between the two equals a crash after both, since all that the reply changes dies as well.
 */
import type { Strategy } from '../../shared/model/strategy';
import { StateGraph } from './state-graph';
import { type ConsumerState, consumerOf, type Faults, Rules, SEQUENCES, type World } from './world-moves';

interface Budget {
  readonly faults: Faults;
  /** 2: the events are shared between two live consumers, in any way. */
  readonly consumerCount: 1 | 2;
  readonly onFailure: 'park' | 'nack';
}

const NO_FAULTS: Faults = { crash: 0, zombie: 0, nack: 0, error: 0, resend: 0, expiry: 0 };
const budgetOf = (faults: Partial<Faults>, onFailure: 'park' | 'nack' = 'park'): Budget => {
  return { faults: { ...NO_FAULTS, ...faults }, consumerCount: 1, onFailure };
};

/** The columns of the table. */
export const BUDGETS = {
  none: budgetOf({}),
  '2 crashes': budgetOf({ crash: 2 }),
  zombie: budgetOf({ zombie: 1 }),
  'crash + expiry': budgetOf({ crash: 1, expiry: 1 }),
  'zombie + expiry': budgetOf({ zombie: 1, expiry: 1 }),
  nack: budgetOf({ nack: 1 }),
  'error, then nack': budgetOf({ error: 1 }, 'nack'),
  'error, then park': budgetOf({ error: 1 }),
  resend: budgetOf({ resend: 1 }),
  Shared: { ...budgetOf({}), consumerCount: 2 },
  'crash + zombie + expiry + nack': budgetOf({ crash: 1, zombie: 1, expiry: 1, nack: 1 }),
} as const satisfies Readonly<Record<string, Budget>>;
export type BudgetName = keyof typeof BUDGETS;

/** stuck: a state from which the run cannot finish without another fault. */
export const FINDINGS = ['X1', 'X2', 'X3', 'X5', 'stuck'] as const;
export type FindingName = (typeof FINDINGS)[number];

export interface Exploration {
  /** What happens in some schedule, in the order of FINDINGS. */
  readonly findings: readonly FindingName[];
  /** The names that the user may have in the end. */
  readonly names: readonly string[];
  readonly stateCount: number;
}

/** Visits every state that can be reached. */
export function explore(strategy: Strategy, name: BudgetName): Exploration {
  const budget: Budget = BUDGETS[name];
  const rules = new Rules(strategy, budget.onFailure);
  const graph = new StateGraph();
  const findings = new Set<FindingName>();
  const names = new Set<string>();
  const pending: (readonly [number, World])[] = [];
  const visit = (world: World, origin: number | null): void => {
    const number = graph.add(rules.keyOf(world), origin);
    if (number !== null) pending.push([number, world]);
  };
  for (const world of startsOf(budget)) visit(world, null);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [number, world] = next;
    const moves = rules.movesOf(world);
    for (const found of findingsIn(world, moves.length === 0)) findings.add(found);
    if (moves.length === 0 && isFinished(world)) {
      graph.finish(number);
      names.add(world.record?.fields.name ?? 'nobody');
    }
    for (const moved of moves) visit(moved, number);
    for (const struck of rules.faultsOf(world)) visit(struck, null);
  }
  if (graph.hasStuckState()) findings.add('stuck');
  return { findings: FINDINGS.filter((found) => findings.has(found)), names: [...names], stateCount: graph.size };
}

function startsOf({ faults, consumerCount }: Budget): World[] {
  if (consumerCount === 1) return [worldOf([consumerOf(SEQUENCES)], faults)];
  const splits = Array.from({ length: 2 ** SEQUENCES.length }, (_, bits) =>
    [0, 1].map((side) => consumerOf(SEQUENCES.filter((_sequence, index) => ((bits >> index) & 1) === side))),
  );
  return splits.map((consumers) => worldOf(consumers, faults));
}

function worldOf(consumers: readonly ConsumerState[], faults: Faults): World {
  return { consumers, acked: [], record: null, markers: {}, effects: [], faults };
}

/** Everything is acknowledged and no connected consumer holds anything. */
function isFinished({ consumers, acked }: World): boolean {
  const idle = ({ active, waiting, parked }: ConsumerState) =>
    active === null && waiting.length === 0 && parked.length === 0;
  return acked.length === SEQUENCES.length && consumers.every((consumer) => !consumer.connected || idle(consumer));
}

/** Effects tell repeats and swaps at any time, losses only when nothing can move any more. */
function findingsIn(world: World, atRest: boolean): readonly FindingName[] {
  const { effects } = world;
  const firsts = [...new Set(effects)];
  const falls = (sequence: number, index: number, all: readonly number[]) => sequence < (all[index - 1] ?? 0);
  return [
    ...(atRest && isFinished(world) && firsts.length < SEQUENCES.length ? (['X1'] as const) : []),
    ...(firsts.length < effects.length ? (['X2'] as const) : []),
    ...(firsts.some(falls) ? (['X3'] as const) : []),
    ...(effects.some(falls) ? (['X5'] as const) : []),
  ];
}
