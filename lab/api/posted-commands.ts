/** Posted commands: what became of those whose clients did not wait for the answer. In memory, and bounded. */
import { OrderlabError } from '../../shared/errors';
import type { CommandReceipt } from '../../shared/model/command';
import { type Problem, problemOf } from './problem';

/** What a client hears of a command that it posted. */
export type CommandStatus =
  | { readonly state: 'pending' }
  | ({ readonly state: 'accepted' } & CommandReceipt)
  /** With `outcome` unknown: the command may have been accepted; the same request again finds out. */
  | { readonly state: 'failed'; readonly problem: Problem };

/**
 * Posted commands that an instance remembers; the one that was posted first is forgotten first. Whoever asks for one that is
 * forgotten sends the command again under its key, and hears what became of it.
 */
export const POSTED_COMMAND_COUNT_MAX = 10_000;

export class PostedCommands {
  /** By principal and idempotency key: nobody hears of the commands of others. */
  readonly #statuses = new Map<string, CommandStatus>();

  /** `receipt` may reject with an error of the table. */
  follow(requestKey: string, receipt: Promise<CommandReceipt>): void {
    this.#note(requestKey, { state: 'pending' });
    receipt.then(
      (accepted) => this.#note(requestKey, { state: 'accepted', ...accepted }),
      (thrown: unknown) => this.#note(requestKey, { state: 'failed', problem: problemOf(thrown) }),
    );
  }

  /** Throws COMMAND_UNKNOWN. */
  statusOf(requestKey: string): CommandStatus {
    const status = this.#statuses.get(requestKey);
    if (status === undefined) throw new OrderlabError('COMMAND_UNKNOWN', {});
    return status;
  }

  #note(requestKey: string, status: CommandStatus): void {
    this.#statuses.delete(requestKey);
    this.#statuses.set(requestKey, status);
    const [oldest] = this.#statuses.keys();
    if (this.#statuses.size > POSTED_COMMAND_COUNT_MAX && oldest !== undefined) this.#statuses.delete(oldest);
  }
}
