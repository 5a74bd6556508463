/**
 * Clients: send the commands of a plan to the instances of the user service, and write down what they were told.
 *
 * They behave as clients do that mean it: who does not know what became of a command asks again, at the next instance,
 * with the same idempotency key if there is one.
 */
import { isAboutCommand, isErrorCode, OrderlabError } from '../shared/errors';
import type { CommandReceipt } from '../shared/model/command';
import type { CmdBody } from '../shared/model/history';
import { invariant } from '../shared/model/invariant';
import type { ClientCommand, CommandRound } from '../shared/model/write-side';
import type { Clock, Recorder } from '../shared/ports';
import type { CommandPort, QueryPort } from '../shared/write-ports';

export interface ClientsOptions {
  readonly rounds: readonly CommandRound[];
  /** At least one. */
  readonly writers: readonly CommandPort[];
  readonly queries: QueryPort;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Once stopping, no round begins. */
  readonly stop: { readonly stopping: boolean };
  /** A round begins when it resolves; told how many commands follow the round. Default: at once. */
  readonly mayBegin?: (followingCount: number) => Promise<void>;
  /** Called when the commands of a round (from 0) are under way; the round is over when it resolves too. Default: nothing. */
  readonly meanwhile?: (round: number) => Promise<void>;
  /** Resolves when the store knows nothing any more of the request of that key; asked by who sends `once-pruned`. */
  readonly pruned: (requestKey: string) => Promise<void>;
}

/** Attempts of a client for one answer; each goes to the next instance. */
const ATTEMPT_COUNT_MAX = 200;
/** Pause before an attempt, times the attempts so far, and the longest one, in milliseconds. */
const ATTEMPT_PAUSE_MS = 10;
const ATTEMPT_PAUSE_MS_MAX = 250;

/** Resolves when every command was answered, or given up after ATTEMPT_COUNT_MAX attempts. */
export async function runClients(options: ClientsOptions): Promise<void> {
  invariant(options.writers.length > 0, 'clients have somebody to ask');
  let leftCount = options.rounds.reduce((sum, { length }) => sum + length, 0);
  for (const [index, round] of options.rounds.entries()) {
    leftCount -= round.length;
    await options.mayBegin?.(leftCount);
    if (options.stop.stopping) return;
    const performing = round.map((command, client) => new Client(options, `client-${client + 1}`).perform(command));
    await Promise.all([...performing, options.meanwhile?.(index)]);
  }
}

type Return = Extract<CmdBody, { readonly type: 'return' }>;
type Told = Pick<Return, 'outcome' | 'code' | 'eventId' | 'sequence' | 'replayed'>;

class Client {
  constructor(
    private readonly options: ClientsOptions,
    private readonly session: string,
  ) {}

  async perform(command: ClientCommand): Promise<void> {
    for (let send = 0; send < command.sends; send += 1) {
      if (send > 0) await this.mayBePruned(command);
      const told = await this.untilTold(command, command.writer + send);
      if (told.outcome === 'accepted' && command.readsBack !== 'no') await this.readBack(command, told.sequence);
    }
  }

  private async mayBePruned({ sendsAgain, requestKey }: ClientCommand): Promise<void> {
    if (sendsAgain === 'once-pruned' && requestKey !== null) await this.options.pruned(requestKey);
  }

  private async untilTold(command: ClientCommand, firstWriter: number): Promise<Told> {
    for (let attempt = 1; ; attempt += 1) {
      const told = await this.attempt(command, firstWriter + attempt - 1);
      if (attempt >= ATTEMPT_COUNT_MAX || isAnswer(told)) return told;
      await this.options.clock.sleep(Math.min(ATTEMPT_PAUSE_MS * attempt, ATTEMPT_PAUSE_MS_MAX));
    }
  }

  private async attempt(sent: ClientCommand, turn: number): Promise<Told> {
    const { writers, recorder } = this.options;
    const { command, commandId, requestKey, expectedVersion } = sent;
    const writer = writers[turn % writers.length];
    invariant(writer !== undefined, 'a turn is some instance’s');
    const place = { session: this.session, command: commandId, user: command.user, writer: writer.writer } as const;
    const base = { stream: 'Cmd', ...place, expectedVersion } as const;
    recorder.record({ ...base, type: 'invoke', operation: command.type });
    const told = await toldOf(writer.submit({ commandId, command, requestKey, expectedVersion }));
    recorder.record({ ...base, type: 'return', ...told });
    return told;
  }

  private async readBack({ command: { user }, readsBack }: ClientCommand, written: number | null): Promise<void> {
    const { queries, recorder } = this.options;
    const atLeast = readsBack === 'at-least' ? written : null;
    try {
      const version = (await queries.read(user, atLeast))?.version ?? 0;
      recorder.record({ stream: 'Obs', type: 'read', session: this.session, user, version, atLeast });
    } catch (thrown) {
      /** A read that was refused saw nothing. */
      if (!(thrown instanceof OrderlabError)) throw thrown;
    }
  }
}

/** The command is done or will not be: anything else is asked again. */
function isAnswer({ outcome, code }: Told): boolean {
  return outcome !== 'unknown' && (!isErrorCode(code) || isAboutCommand(code));
}

async function toldOf(submitting: Promise<CommandReceipt>): Promise<Told> {
  try {
    const { eventId, sequence, replayed } = await submitting;
    return { outcome: 'accepted', code: null, eventId, sequence, replayed };
  } catch (thrown) {
    if (!(thrown instanceof OrderlabError)) throw thrown;
    const outcome = thrown.outcome === 'definite' ? 'refused' : 'unknown';
    return { outcome, code: thrown.code, eventId: namedBy(thrown), sequence: null, replayed: false };
  }
}

/** The event that a refusal names: whoever was told before that it is its own knows that nothing is taken back. */
function namedBy({ code, details: { winner } }: OrderlabError): string | null {
  return code === 'USER_EXISTS' && typeof winner === 'string' ? winner : null;
}
