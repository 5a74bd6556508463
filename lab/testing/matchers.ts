/** The three questions as matchers of jest's expect, and vitest's. They are added where there is a global `expect`. */
import { type Outcome, outcomeOf, outcomeWith } from './assertions';
import { KitRun } from './kit-run';
import type { Effects } from './trial-plan';

/** What a runner tells a matcher. */
interface MatcherState {
  readonly isNot?: boolean;
}

/** A doubt fails with and without `not`. */
function answer({ kind, message }: Outcome, { isNot = false }: MatcherState) {
  return { pass: kind === 'doubtful' ? isNot : kind === 'kept', message };
}

export const matchers = {
  toKeepOrderPerUser(this: MatcherState, received: unknown) {
    return answer(outcomeOf(runOf(received), 'order'), this);
  },
  /** With effects of its own it reads now, and has to be awaited. */
  toApplyExactlyOnce(this: MatcherState, received: unknown, effects?: Effects<unknown>) {
    if (effects === undefined) return answer(outcomeOf(runOf(received), 'once'), this);
    return outcomeWith(runOf(received), 'once', effects).then((outcome) => answer(outcome, this));
  },
  toLoseNothing(this: MatcherState, received: unknown) {
    return answer(outcomeOf(runOf(received), 'loss'), this);
  },
};

function runOf(received: unknown): KitRun<unknown> {
  if (received instanceof KitRun) return received;
  const kind = received instanceof Promise ? 'a promise: await competing(…) first' : typeof received;
  throw new Error(`expected the run that competing(…) resolves with, got ${kind}`);
}

interface Extendable {
  extend?(added: typeof matchers): void;
}

/** Nothing without a global expect. */
export function addMatchers(): void {
  const { expect } = globalThis as { readonly expect?: Extendable };
  expect?.extend?.(matchers);
}
