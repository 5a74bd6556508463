/** Replay session: the history of a run folder, walked through step by step. The history is the only source. */
import { readHistory } from '../../shared/adapters/history-files';
import { createChecker } from '../../shared/checker/check';
import { OrderlabError } from '../../shared/errors';
import type { HistoryRecord } from '../../shared/model/history';
import type { Clock } from '../../shared/ports';
import { verdictLines } from '../report';
import type { PageSession } from './page-session';
import type { PageCommand, ReplayState, SideVerdict } from './picture/page-state';
import { Painter } from './picture/painter';

export interface ReplaySessionOptions {
  /** A run folder, or a history file. */
  readonly path: string;
  /** The user whose effects are shown whatever happens; null: none in particular. */
  readonly user: string | null;
  /** Steps in a second while it plays. */
  readonly rate: number;
  readonly clock: Clock;
  readonly changed: () => void;
}

/** Steps in a second. */
export const REPLAY_RATE_MAX = 1_000;

export class ReplaySession implements PageSession {
  private readonly recordCount: number;
  private readonly verdict: SideVerdict;
  private painter: Painter;
  private records: Iterator<HistoryRecord>;
  private next: HistoryRecord | null;
  private position = 0;
  private rate: number;
  /** Each time that it plays has a number of its own: what began before has ended. */
  private playing = 0;
  private playedCount = 0;

  /** Reads the whole history once, for its verdict. Errors: those of reading a history. */
  constructor(private readonly options: ReplaySessionOptions) {
    const { recordCount, verdict } = judged(options.path);
    this.recordCount = recordCount;
    this.verdict = verdict;
    this.rate = options.rate;
    this.painter = new Painter(options.user);
    this.records = readHistory(options.path)[Symbol.iterator]();
    this.next = this.take();
    this.toBeginning();
  }

  get state(): ReplayState {
    const { next, position, recordCount, rate } = this;
    const isOver = next === null;
    return {
      ...{ mode: 'replay', position, recordCount, rate, failure: null },
      phase: isOver ? 'over' : this.playing === 0 ? 'halted' : 'playing',
      sides: [{ picture: this.painter.picture, verdict: isOver ? this.verdict : null }],
    };
  }

  opened(): void {}

  command({ command }: PageCommand): void {
    switch (command) {
      case 'play':
        void this.play();
        break;
      case 'halt':
        this.playing = 0;
        break;
      case 'step':
        this.playing = 0;
        this.step();
        break;
      case 'next-swap':
        this.playing = 0;
        this.toNextSwap();
        break;
      case 'rewind':
        this.rewind();
        break;
      case 'faster':
        this.rate = Math.min(REPLAY_RATE_MAX, this.rate * 2);
        break;
      case 'slower':
        this.rate = Math.max(1, this.rate / 2);
        break;
      default:
        throw new OrderlabError('HAND_REFUSED', { problem: 'this run is over: a replay changes nothing in it' });
    }
    this.options.changed();
  }

  async end(): Promise<void> {
    this.leave();
  }

  private async play(): Promise<void> {
    if (this.playing !== 0) return;
    this.playedCount += 1;
    const own = this.playedCount;
    this.playing = own;
    while (this.playing === own && this.next !== null) {
      this.step();
      this.options.changed();
      await this.options.clock.sleep(1_000 / this.rate);
    }
    if (this.playing === own) this.playing = 0;
    this.options.changed();
  }

  /** Up to the next thing to be seen: somebody comes or goes, gets a message, applies it, or is done with it. */
  private step(): void {
    for (let isSeen = false; !isSeen && this.next !== null; ) {
      const { stream } = this.next;
      isSeen = this.advance() && stream !== 'Pub';
    }
  }

  private toNextSwap(): void {
    const { swappedCount } = this.painter;
    while (this.next !== null && this.painter.swappedCount === swappedCount) this.advance();
  }

  private leave(): void {
    this.playing = 0;
    this.records.return?.();
  }

  private rewind(): void {
    this.leave();
    this.painter = new Painter(this.options.user);
    this.records = readHistory(this.options.path)[Symbol.iterator]();
    this.position = 0;
    this.next = this.take();
    this.toBeginning();
  }

  /** Those who are there when the first event is published. */
  private toBeginning(): void {
    while (this.next !== null && (this.next.stream === 'Run' || this.next.stream === 'Cause')) this.advance();
  }

  private advance(): boolean {
    if (this.next === null) return false;
    const isChanged = this.painter.observe(this.next);
    this.position += 1;
    this.next = this.take();
    return isChanged;
  }

  private take(): HistoryRecord | null {
    const { done, value } = this.records.next();
    return done === true ? null : value;
  }
}

function judged(path: string): { readonly recordCount: number; readonly verdict: SideVerdict } {
  const checker = createChecker();
  let recordCount = 0;
  for (const record of readHistory(path)) {
    checker.observe(record);
    recordCount += 1;
  }
  const verdict = checker.finish();
  return {
    recordCount,
    verdict: { status: verdict.status, lines: verdictLines(verdict), next: [`orderlab explain ${path}`] },
  };
}
