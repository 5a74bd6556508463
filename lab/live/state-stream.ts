/**
 * State stream: server-sent events with the state of a session, to every page that looks.
 *
 * Each message is the whole state, and it is bounded. So what waits for a slow page is at most one message, the newest:
 * it skips states, and what happened meanwhile stands in the one that it gets.
 */
import type { Clock } from '../../shared/ports';

/** No more often than this: an eye sees no more, and a burst of records makes one state. */
const FRAME_MS = 50;

/** What is written to: an HTTP response. */
export interface StreamTarget {
  readonly writableNeedDrain: boolean;
  write(text: string): unknown;
  end(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
}

export class StateStream {
  private readonly readers = new Set<Reader>();
  private isDue = false;
  private isClosed = false;
  private sentCount = 0;

  constructor(
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly stateOf: () => unknown,
  ) {}

  get readerCount(): number {
    return this.readers.size;
  }

  /** It is told the state at once, and every later one until it goes. */
  add(target: StreamTarget): void {
    const reader = new Reader(target, () => this.message());
    this.readers.add(reader);
    target.on('close', () => this.readers.delete(reader));
    reader.tell(this.message());
  }

  /** The state is another one: everybody is told within a frame. */
  changed(): void {
    if (this.isDue || this.isClosed) return;
    this.isDue = true;
    void this.clock.sleep(FRAME_MS).then(() => this.tellAll());
  }

  close(): void {
    this.isClosed = true;
    for (const { target } of this.readers) target.end();
    this.readers.clear();
  }

  private tellAll(): void {
    this.isDue = false;
    if (this.isClosed || this.readers.size === 0) return;
    const message = this.message();
    for (const reader of this.readers) reader.tell(message);
  }

  private message(): string {
    this.sentCount += 1;
    return `id: ${this.sentCount}\ndata: ${JSON.stringify(this.stateOf())}\n\n`;
  }
}

class Reader {
  private isBehind = false;

  constructor(
    readonly target: StreamTarget,
    private readonly newest: () => string,
  ) {
    target.on('drain', () => this.catchUp());
  }

  tell(message: string): void {
    this.isBehind = this.target.writableNeedDrain;
    if (!this.isBehind) this.target.write(message);
  }

  private catchUp(): void {
    if (this.isBehind) this.tell(this.newest());
  }
}
