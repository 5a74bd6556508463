/** A writer's seat: whoever sits there answers under its name. When one dies, the next one is waited for, if there is to be one. */
import { OrderlabError } from '../shared/errors';
import type { CommandReceipt, CommandRequest } from '../shared/model/command';
import type { WriterCrash } from '../shared/model/write-side';
import type { CommandPort } from '../shared/write-ports';
import type { WriterPauses } from './writer-pauses';

/** One life of an instance. */
export interface WriterLife {
  /** `w1.2`: the second life of w1. */
  readonly id: string;
  /** Where it dies; null: it outlives the run. */
  readonly crash: WriterCrash | null;
  /** Told before anybody can notice. */
  readonly onDeath: () => void;
  /** Resolves when it goes on; told before it appends for this command. */
  readonly stand: (commandId: string) => Promise<void>;
}

export interface SeatOptions {
  readonly writer: string;
  /** One a life, in order. */
  readonly crashes: readonly WriterCrash[];
  readonly begin: (life: WriterLife) => Promise<CommandPort>;
  readonly onDeath: (writer: string) => void;
  readonly pauses: WriterPauses;
  /** Told when somebody there stands still. */
  readonly onPause: (writer: string) => void;
  /** Told when a command was accepted there. */
  readonly onAccepted: () => void;
}

export class WriterSeat implements CommandPort {
  readonly writer: string;
  /** null: nobody sits there, and nobody will. A place that is being taken is waited for, as a load balancer would. */
  private occupant: Promise<CommandPort> | null = null;
  private lives = 0;
  /** Names the life that sits there now. */
  private lifeId = '';
  /** Whoever sits there stands still: as a load balancer does, clients leave the place out. */
  private isStanding = false;

  constructor(private readonly options: SeatOptions) {
    this.writer = options.writer;
  }

  /** Resolves when somebody sits there. */
  async take(): Promise<void> {
    const crash = this.options.crashes[this.lives] ?? null;
    this.lives += 1;
    const id = `${this.writer}.${this.lives}`;
    this.lifeId = id;
    this.occupant = this.options.begin({
      id,
      crash,
      onDeath: () => this.leave(crash),
      stand: (commandId) => this.stand(commandId),
    });
    await this.occupant;
  }

  /** As `submit`, at this life and no other one: an owner that is gone was granted nothing for who came after it. */
  async submitTo(lifeId: string, request: CommandRequest): Promise<CommandReceipt> {
    if (lifeId === this.lifeId) return this.submit(request);
    throw new OrderlabError('WRITER_UNREACHABLE', { writer: lifeId, cause: 'it is gone' });
  }

  async submit(request: CommandRequest): Promise<CommandReceipt> {
    const { writer, occupant } = this;
    if (occupant === null) throw new OrderlabError('WRITER_UNREACHABLE', { writer, cause: 'nobody listens' });
    if (this.isStanding) throw new OrderlabError('WRITER_UNREACHABLE', { writer, cause: 'it stands still' });
    const receipt = await (await occupant).submit(request);
    /** What a dead one had accepted may be heard after its death, and ends no outage. */
    if (occupant === this.occupant) this.options.onAccepted();
    return receipt;
  }

  private async stand(commandId: string): Promise<void> {
    const { pauses, onPause, writer } = this.options;
    if (!pauses.isDue(commandId)) return;
    this.isStanding = true;
    onPause(writer);
    await pauses.stand(commandId);
    this.isStanding = false;
  }

  /** That nobody came after one that died is heard by whoever asks next. */
  private leave(crash: WriterCrash | null): void {
    this.occupant = null;
    this.options.onDeath(this.writer);
    if (crash?.replaced === true) this.take().catch(() => {});
  }
}
