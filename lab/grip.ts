/**
 * Grip: consumers that somebody who watches holds back, beyond the plan.
 *
 * To the broker they are slow, and not dead: nothing of theirs is given to others. So it is no fault of the history, and
 * whatever goes out of order meanwhile goes out of order by itself.
 */
import type { Clock } from '../shared/ports';
import { type Encounter, GO, type Passage } from './fate';

/** How long each handler takes of a consumer that was made slow, whatever the plan says of it. */
const SLOW_HANDLER_MS = 1_500;

interface Hold {
  readonly turn: Promise<'go'>;
  readonly letGo: () => void;
}

export class Grip {
  private readonly held = new Map<string, Hold>();
  private readonly slow = new Set<string>();

  constructor(private readonly clock: Pick<Clock, 'sleep'>) {}

  passage({ consumer, point }: Encounter): Passage {
    const hold = this.held.get(consumer);
    if (hold !== undefined) return { kind: 'wait', turn: hold.turn };
    if (point !== 'before:handle' || !this.slow.has(consumer)) return GO;
    return { kind: 'wait', turn: this.clock.sleep(SLOW_HANDLER_MS).then(() => 'go' as const) };
  }

  isPaused(consumer: string): boolean {
    return this.held.has(consumer);
  }

  isSlow(consumer: string): boolean {
    return this.slow.has(consumer);
  }

  /** It stands still at the next point of its work that it reaches. */
  pause(consumer: string): void {
    if (this.held.has(consumer)) return;
    let letGo = (): void => {};
    const turn = new Promise<'go'>((resolve) => {
      letGo = () => resolve('go');
    });
    this.held.set(consumer, { turn, letGo });
  }

  /** It goes on where it stood, and as quickly as before. Idempotent. */
  release(consumer: string): void {
    this.held.get(consumer)?.letGo();
    this.held.delete(consumer);
    this.slow.delete(consumer);
  }

  slowDown(consumer: string): void {
    this.slow.add(consumer);
  }

  releaseAll(): void {
    for (const consumer of [...this.held.keys(), ...this.slow]) this.release(consumer);
  }
}
