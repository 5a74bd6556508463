/**
 * Commands under way: how many met another one on the same user, and which writers died while somebody waited for them.
 * Without the one nobody could have been in the way, without the other no answer was lost.
 */
import type { CmdBody } from '../model/history';

/** One attempt that is under way. */
interface Attempt {
  readonly writer: string;
  isRaced: boolean;
}

export class RacedCommands {
  racedCount = 0;
  deathCount = 0;
  readonly #underWay = new Map<string, Map<string, Attempt>>();

  observe({ type, user, session, command, writer }: CmdBody): void {
    const attempts = this.#underWay.get(user) ?? new Map<string, Attempt>();
    this.#underWay.set(user, attempts);
    const name = `${session} ${command} ${writer}`;
    if (type === 'return') attempts.delete(name);
    else attempts.set(name, { writer, isRaced: false });
    if (attempts.size === 0) this.#underWay.delete(user);
    if (attempts.size < 2) return;
    for (const attempt of attempts.values()) {
      if (!attempt.isRaced) this.racedCount += 1;
      attempt.isRaced = true;
    }
  }

  /**
   * A writer that nobody waits for may die without any consequence. `user`: whose command it had in hand, where it takes
   * commands from a topic, so that clients ask a gateway; null: clients ask it itself.
   */
  die(writer: string, user: string | null): void {
    const attempts = [...this.#underWay.values()].flatMap((byName) => [...byName.values()]);
    const isAwaited = user === null ? attempts.some((attempt) => attempt.writer === writer) : this.#underWay.has(user);
    if (isAwaited) this.deathCount += 1;
  }
}
