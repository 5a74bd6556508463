/**
 * Pauses of writers: an instance stands still where a plan says so, and goes on when a rival was accepted somewhere else. The
 * rival is held back until then, so that no clock decides which of the two comes first.
 */
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { WriterPause } from '../shared/model/write-side';
import type { Clock } from '../shared/ports';
import type { CommandPort } from '../shared/write-ports';

/** Pause between two looks, and how long the other side may take to come as far before nobody waits for it any more, in milliseconds. */
const LOOK_PAUSE_MS = 5;
const DEADLINE_MS = 60_000;

export class WriterPauses {
  /** By command: whether its writer stands, or has gone on. What is missing has not come yet. */
  private readonly reached = new Map<string, 'stands' | 'gone-on'>();
  private readonly acceptedRivals = new Set<string>();

  constructor(
    private readonly pauses: readonly WriterPause[],
    private readonly clock: Clock,
  ) {}

  /** Whether a writer that is about to append for this command has to stand still: the first one that comes there. */
  isDue(commandId: string): boolean {
    return this.pauses.some((pause) => pause.commandId === commandId) && !this.reached.has(commandId);
  }

  /** Resolves when the writer goes on. */
  async stand(commandId: string): Promise<void> {
    this.reached.set(commandId, 'stands');
    const rivals = this.pauses.filter((pause) => pause.commandId === commandId).map(({ rivalId }) => rivalId);
    await this.until(() => rivals.every((rival) => this.acceptedRivals.has(rival)));
    this.reached.set(commandId, 'gone-on');
  }

  /** The port, at which rivals wait for their writer to stand, and are noticed when they are accepted. */
  around(port: CommandPort): CommandPort {
    return { writer: port.writer, submit: (request) => this.submit(port, request) };
  }

  private async submit(port: CommandPort, request: CommandRequest): Promise<CommandReceipt> {
    const { commandId } = request;
    const pause = this.pauses.find(({ rivalId }) => rivalId === commandId);
    if (pause !== undefined) await this.standing(pause.commandId);
    const receipt = await port.submit(request);
    if (pause !== undefined) this.acceptedRivals.add(commandId);
    return receipt;
  }

  /** A pause that does not come is missing in the history, which a floor of the plan notices. */
  private async standing(commandId: string): Promise<void> {
    await this.until(() => this.reached.has(commandId));
    this.reached.set(commandId, this.reached.get(commandId) ?? 'gone-on');
  }

  private async until(isSo: () => boolean): Promise<void> {
    const lateMs = this.clock.nowMs() + DEADLINE_MS;
    while (!isSo() && this.clock.nowMs() < lateMs) await this.clock.sleep(LOOK_PAUSE_MS);
  }
}
