/** Handlers of a command topic in a run: who sits where, who comes after one that died, who joins and who leaves. */
import { invariant } from '../shared/model/invariant';
import type { HandlerMove, WriterCrash } from '../shared/model/write-side';

/** One life of a handler, which has begun and takes no commands yet. */
export interface Handler {
  /** Resolves when it takes commands. */
  join(): Promise<void>;
  /** Resolves when it has drained and left, or has died meanwhile. */
  leave(): Promise<void>;
}

/** What a life is begun with. */
export interface HandlerLife {
  /** `w1.2`: the second life of w1. */
  readonly id: string;
  /** Where it dies; null: it outlives the run. */
  readonly crash: WriterCrash | null;
  /** Told before anybody can notice, with the user whose command it had in hand. */
  readonly onDeath: (user: string | null) => void;
  /** Told of a defect that has ended it. */
  readonly onBroken: (thrown: unknown) => void;
}

export interface HandlerCrewOptions {
  readonly crashes: readonly WriterCrash[];
  readonly begin: (life: HandlerLife) => Promise<Handler>;
  readonly onDeath: (writer: string, user: string | null) => void;
}

interface Seat {
  readonly writer: string;
  readonly crashes: readonly WriterCrash[];
  lives: number;
  /** null: nobody sits there any more. */
  occupant: Promise<Handler> | null;
}

export class HandlerCrew {
  private readonly seats: Seat[] = [];
  private joinedCount = 0;
  private fail: (thrown: unknown) => void = () => {};
  /** Rejects when one is broken, or nobody could come after one that died: commands would wait for ever. Never resolves. */
  readonly failed = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  constructor(private readonly options: HandlerCrewOptions) {
    this.failed.catch(() => {});
  }

  /** Begins a life on every seat, so that a join takes no longer than a subscription; the first `joiningCount` join. */
  async start(seatCount: number, joiningCount: number): Promise<void> {
    for (let index = 0; index < seatCount; index += 1) {
      const crashes = this.options.crashes.filter(({ writer }) => writer === index);
      const seat: Seat = { writer: `w${index + 1}`, crashes, lives: 0, occupant: null };
      this.seats.push(seat);
      seat.occupant = this.begin(seat);
    }
    for (let count = 0; count < joiningCount; count += 1) await this.move('join');
  }

  async move(kind: HandlerMove['kind']): Promise<void> {
    if (kind === 'join') {
      const seat = this.seats[this.joinedCount];
      invariant(seat !== undefined, 'whoever joins has a seat');
      this.joinedCount += 1;
      await (await seat.occupant)?.join();
      return;
    }
    const seat = this.seats[this.joinedCount - 1];
    invariant(seat !== undefined, 'whoever leaves has joined');
    this.joinedCount -= 1;
    const { occupant } = seat;
    seat.occupant = null;
    await (await occupant)?.leave();
  }

  /** Everybody drains and leaves. */
  async end(): Promise<void> {
    while (this.joinedCount > 0) await this.move('leave');
  }

  private begin(seat: Seat): Promise<Handler> {
    const crash = seat.crashes[seat.lives] ?? null;
    seat.lives += 1;
    const onDeath = (user: string | null) => this.die(seat, crash, user);
    const onBroken = (thrown: unknown) => this.fail(thrown);
    return this.options.begin({ id: `${seat.writer}.${seat.lives}`, crash, onDeath, onBroken });
  }

  /** A seat that somebody left on the way has no successor: whoever sat there was to go. */
  private die(seat: Seat, crash: WriterCrash | null, user: string | null): void {
    this.options.onDeath(seat.writer, user);
    if (seat.occupant === null) return;
    seat.occupant = null;
    if (crash?.replaced !== true) return;
    const coming = this.begin(seat).then(async (handler) => {
      await handler.join();
      return handler;
    });
    seat.occupant = coming;
    coming.catch(this.fail);
  }
}
