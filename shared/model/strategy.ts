/** Strategies: how a consumer combines check, effect, record and acknowledgement. Machines of plain data. */
import type { Action, Answer } from './action';
import type { UserEvent, UserEventType } from './event';

/** The names of the ladder (idempotency strategies), worst first. */
export const STRATEGY_NAMES = [
  'ack-first',
  'no-guard',
  'check-act-mark',
  'claim-then-act',
  'atomic-setnx',
  'version-newer',
  'version-next-park',
  'version-next-repair',
  'semantic-guard',
] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/**
 * Whether a strategy writes idempotency keys: always because it is built on them, never because it has no place for them,
 * or as configured, beside the sequence that decides.
 */
export const KEY_USE: Readonly<Record<StrategyName, 'always' | 'never' | 'as-configured'>> = {
  'ack-first': 'never',
  'no-guard': 'never',
  'check-act-mark': 'always',
  'claim-then-act': 'always',
  'atomic-setnx': 'always',
  'version-newer': 'as-configured',
  'version-next-park': 'as-configured',
  'version-next-repair': 'as-configured',
  'semantic-guard': 'as-configured',
};

/** What a strategy is started with: one decoded delivery. */
export interface EventDelivery {
  /** Names the delivery in the quarantine, should its event be in conflict with another one. */
  readonly messageId: string;
  readonly event: UserEvent;
  /** Digest of the payload bytes. */
  readonly digest: number;
  /** False: this context does not listen to the event's type. */
  readonly listened: boolean;
}

/** Settings that hold for a whole run. No optional field: config.ts resolves them. */
export interface StrategySettings {
  /** The consumer incarnation, written into every effect. */
  readonly owner: string;
  /** Also set a SETNX idempotency key in the atomic call where the strategy would not need one. */
  readonly idempotencyKeys: boolean;
  /** Milliseconds until an idempotency key expires; null: never. */
  readonly markerTtlMs: number | null;
  /** Derived-topic mode: publish the result before acknowledging. */
  readonly publishesResult: boolean;
  /** What a failed handler leads to: `park` keeps the user's order, `nack` lets successors overtake. */
  readonly onFailure: 'park' | 'nack';
  /** Pause before a failed action is tried again, in milliseconds. */
  readonly retryBackoffMs: number;
  /** How long a gap may wait for its predecessor before the log is read, in milliseconds. */
  readonly gapDeadlineMs: number;
  /**
   * What to do with an event this context does not listen to. advance: it moves the version, so the stream stays dense.
   * ignore: acknowledge and forget, which reads as a gap at the next event (the naive twin).
   */
  readonly unlistened: 'advance' | 'ignore';
  /** What this context listens to; null: every type. Decides for events read back from the log, which nobody delivered. */
  readonly listensTo: readonly UserEventType[] | null;
}

/** State of one delivery inside a strategy: plain, cloneable, hashable data. */
export interface StrategyState {
  readonly phase: string;
}

export interface Step {
  readonly state: StrategyState;
  readonly action: Action;
}

/**
 * `start` gives the first action; each answer goes to `next`, until the action is `done`.
 * Both are pure: same arguments, same step.
 */
export interface Strategy {
  readonly name: StrategyName;
  /** One sentence: the steps per delivery. */
  readonly summary: string;
  start(delivery: EventDelivery, settings: StrategySettings): Step;
  next(state: StrategyState, answer: Answer): Step;
}
