/** Commands that met: under way while another one on the same user was. Without them nobody could have been in the way. */
import type { CmdBody } from '../model/history';

export class RacedCommands {
  count = 0;
  /** Attempts under way by user, each with whether it was counted. */
  readonly #underWay = new Map<string, Map<string, boolean>>();

  observe(record: CmdBody): void {
    const attempts = this.#underWay.get(record.user) ?? new Map<string, boolean>();
    this.#underWay.set(record.user, attempts);
    const attempt = `${record.session} ${record.command} ${record.writer}`;
    if (record.type === 'return') attempts.delete(attempt);
    else attempts.set(attempt, false);
    if (attempts.size === 0) this.#underWay.delete(record.user);
    if (attempts.size < 2) return;
    for (const [other, isCounted] of attempts) {
      if (!isCounted) this.count += 1;
      attempts.set(other, true);
    }
  }
}
