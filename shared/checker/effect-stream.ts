/**
 * Effect stream: the order and duplicate verdict on effects as they happen, without a history.
 *
 * Memory grows with users and with what is in flight, and not with events: per user one interval set of what had its
 * effect and one of what the broker stored (see interval-set.ts). So it judges a load that runs for hours. It sees less
 * than the checker that reads a history: no deliveries, no causes, no end state, only what the store did to whom.
 */
import type { EventRef } from '../model/plan';
import { IntervalSet } from './interval-set';

/** What an effect was, with respect to all effects of its user before it. */
export type StreamFinding = 'in-order' | 'swapped' | 'repeated';

/** What the stream saw of one kind of breach. */
export interface StreamBreach {
  readonly count: number;
  /** The first one, as a sentence; null when there was none. */
  readonly witness: string | null;
}

export interface StreamJudgement {
  readonly appliedCount: number;
  readonly userCount: number;
  /** Users with at least two effects: the others cannot show disorder. */
  readonly contendedUserCount: number;
  /** X3: the first effect of an event came after that of a later event of its user. */
  readonly swapped: StreamBreach;
  /** X2: an event had its effect again. */
  readonly repeated: StreamBreach;
  /** X1: stored by the broker, and without effect. */
  readonly lost: StreamBreach;
  /** Had its effect, and no answer of the broker said that it is stored: sends with an unknown outcome explain them. */
  readonly unannounced: StreamBreach;
}

interface UserStream {
  readonly stored: IntervalSet;
  readonly applied: IntervalSet;
}

export class EffectStream {
  private readonly users = new Map<string, UserStream>();
  private readonly swapped = new Breach();
  private readonly repeated = new Breach();
  private appliedCount = 0;

  /** Counts of now, for whoever watches while it runs. */
  get counts(): { readonly applied: number; readonly swapped: number; readonly repeated: number } {
    return { applied: this.appliedCount, swapped: this.swapped.count, repeated: this.repeated.count };
  }

  /** The broker said that the event is stored. */
  stored({ user, sequence }: EventRef): void {
    this.streamOf(user).stored.add(sequence);
  }

  /** The event had its effect. Call it in the order of the store. */
  applied({ user, sequence }: EventRef): StreamFinding {
    const { applied } = this.streamOf(user);
    const before = applied.max;
    if (!applied.add(sequence)) {
      this.repeated.note(() => `${user} #${sequence} had its effect again`);
      return 'repeated';
    }
    this.appliedCount += 1;
    if (sequence > before) return 'in-order';
    this.swapped.note(() => `${user} #${sequence} was applied after #${before}`);
    return 'swapped';
  }

  /** When nothing moves any more. */
  judge(): StreamJudgement {
    const lost = new Breach();
    const unannounced = new Breach();
    let contendedUserCount = 0;
    for (const [user, { stored, applied }] of this.users) {
      if (applied.size >= 2) contendedUserCount += 1;
      for (const sequence of stored.without(applied))
        lost.note(() => `${user} #${sequence} is stored and has no effect`);
      for (const sequence of applied.without(stored)) {
        unannounced.note(() => `${user} #${sequence} had an effect, and no answer said that it is stored`);
      }
    }
    const { appliedCount, swapped, repeated } = this;
    return { appliedCount, userCount: this.users.size, contendedUserCount, swapped, repeated, lost, unannounced };
  }

  private streamOf(user: string): UserStream {
    const known = this.users.get(user);
    if (known !== undefined) return known;
    const stream = { stored: new IntervalSet(), applied: new IntervalSet() };
    this.users.set(user, stream);
    return stream;
  }
}

class Breach implements StreamBreach {
  count = 0;
  witness: string | null = null;

  note(sentence: () => string): void {
    this.count += 1;
    this.witness ??= sentence();
  }
}
