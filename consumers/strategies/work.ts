/** What a strategy knows about the delivery in hand: plain data, cloneable and hashable. */
import type { Answer, LoggedEvent } from '../../shared/model/action';
import type { UserEvent } from '../../shared/model/event';
import type { EventDelivery, StrategySettings } from '../../shared/model/strategy';

export interface Work {
  readonly delivery: EventDelivery;
  readonly settings: StrategySettings;
  /** The user's version as the last gap told it; 0 before one did. */
  readonly version: number;
  /** Predecessors read back from the log and not yet dealt with, oldest first. The delivery's own event follows them. */
  readonly missing: readonly LoggedEvent[];
  /** What the log holds before the subject, where a step asked for it; null: none did. */
  readonly past: readonly LoggedEvent[] | null;
}

/** The event that is next to be dealt with. */
export interface Subject {
  readonly event: UserEvent;
  readonly digest: number;
  readonly listened: boolean;
}

export function openWork(delivery: EventDelivery, settings: StrategySettings): Work {
  return { delivery, settings, version: 0, missing: [], past: null };
}

/** The oldest missing predecessor, or else the delivery's own event. */
export function subjectOf({ delivery, settings, missing }: Work): Subject {
  const [oldest] = missing;
  if (oldest === undefined) return delivery;
  return { ...oldest, listened: settings.listensTo?.includes(oldest.event.type) ?? true };
}

/** The work after the oldest missing predecessor is dealt with. */
export function withoutOldest(work: Work): Work {
  return { ...work, missing: work.missing.slice(1), past: null };
}

/** The work with what an answer taught. `logIs`: what a step reads the log for. */
export function learn(work: Work, answer: Answer, logIs: 'missing' | 'past' = 'missing'): Work {
  if (answer.kind === 'store' && answer.answer.outcome === 'gap') return { ...work, version: answer.answer.version };
  if (answer.kind === 'log') return { ...work, past: null, [logIs]: answer.events };
  /** While the delivery waited others went on: what was read before the wait is stale. */
  if (answer.kind === 'unparked') return { ...work, missing: [], past: null };
  return work;
}
