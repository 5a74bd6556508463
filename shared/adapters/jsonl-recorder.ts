/** History to disk: one JSON object a line, one file per process incarnation. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { causeText, OrderlabError } from '../errors';
import type { HistoryBody, HistoryRecord } from '../model/history';
import { invariant } from '../model/invariant';
import type { Recorder } from '../ports';

/** A recorder over one file. */
export interface JsonlRecorder extends Recorder {
  /** Resolves when all that was recorded is on file; null: it is. Those who wait go on in the order of their calls. */
  written(): Promise<void> | null;
  /** Writes what was gathered, now: for who is about to stop dead. */
  flush(): void;
  /** Ends in order: writes `Run end` and closes the file. */
  close(): void;
  /**
   * Closes the file as a kill does: no end record. What still runs of a killed process inside this one records
   * nothing any more, since the dead do not write.
   */
  abandon(): void;
}

export interface JsonlRecorderOptions {
  /** Created; it is an error when it exists, since a second life in one file would restart the counter `n`. */
  readonly path: string;
  /** Name of the recorder in every record: `supervisor`, `producer`, `c1#1`. */
  readonly recorder: string;
  /** Place of the next record in the run's order. */
  readonly nextOrder: () => number;
  /**
   * each: a record is a write of its own, done when `record` returns. turn: the records of one turn of the event loop
   * share a write at its end, done when `written` resolves.
   */
  readonly writes?: 'each' | 'turn';
  /** Told of each record once it is recorded; default: nobody. */
  readonly heard?: ((record: HistoryRecord) => void) | undefined;
}

/** So much text is not kept for the end of the turn. In characters. */
const GATHERED_LENGTH_MAX = 256 * 1024;

/**
 * Everything is written by the kernel before anybody acts on it, so that after a kill -9 the file holds all that the
 * world saw of the victim, and at most the last line is torn. With writes by the turn a kill at a moment that nobody
 * announced may cost records on which nothing had followed yet: a message received and not worked on, an answer that led
 * to nothing. It is not fsynced: a power cut is not a fault of this lab. Throws FILE_UNWRITABLE.
 */
export function openJsonlRecorder(options: JsonlRecorderOptions): JsonlRecorder {
  return new OpenJsonlRecorder(options);
}

/** Those who wait for one write. */
interface Write {
  readonly done: Promise<void>;
  readonly settle: (failure: OrderlabError | null) => void;
}

class OpenJsonlRecorder implements JsonlRecorder {
  readonly #options: JsonlRecorderOptions;
  readonly #descriptor: number;
  /** What every record begins with. */
  readonly #head: string;
  #state: 'open' | 'closed' | 'abandoned' = 'open';
  #recordedCount = 0;
  #gathered = '';
  /** At the end of this turn. */
  #dueWrite: Write | null = null;
  /** Done, but those who waited have not all gone on: who comes now goes on behind them. */
  #doneWrite: Write | null = null;
  /** A write that nobody called for has failed: whoever records next hears of it. */
  #failure: OrderlabError | null = null;

  constructor(options: JsonlRecorderOptions) {
    this.#options = options;
    this.#head = `{"recorder":${JSON.stringify(options.recorder)},"n":`;
    this.#descriptor = this.#attempt(() => openSync(options.path, 'wx'));
  }

  record(body: HistoryBody): void {
    if (this.#state === 'abandoned') return;
    invariant(this.#state === 'open', 'nothing is recorded after the end record');
    if (this.#failure !== null) throw this.#failure;
    const { recorder, nextOrder, writes, heard } = this.#options;
    this.#recordedCount += 1;
    /** One object out of two, without making either: there are several records an event. */
    const order = nextOrder();
    const place = `${this.#head}${this.#recordedCount},"order":${order}`;
    this.#gathered += `${place},${JSON.stringify(body).slice(1)}\n`;
    if (writes !== 'turn' || this.#gathered.length > GATHERED_LENGTH_MAX) this.flush();
    else this.#dueWrite ??= this.#planWrite();
    heard?.({ recorder, n: this.#recordedCount, order, ...body });
  }

  written(): Promise<void> | null {
    return (this.#dueWrite ?? this.#doneWrite)?.done ?? null;
  }

  flush(): void {
    const text = this.#gathered;
    if (text === '') return;
    this.#gathered = '';
    this.#attempt(() => writeWhole(this.#descriptor, text));
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.record({ stream: 'Run', type: 'end' });
    this.#finish('closed');
  }

  abandon(): void {
    if (this.#state === 'open') this.#finish('abandoned');
  }

  #finish(state: 'closed' | 'abandoned'): void {
    this.flush();
    this.#state = state;
    this.#attempt(() => closeSync(this.#descriptor));
  }

  /** After everything that this turn brings has run: one write for all of it. */
  #planWrite(): Write {
    let settle: Write['settle'] = () => {};
    const done = new Promise<void>((resolve, reject) => {
      settle = (failure) => (failure === null ? resolve() : reject(failure));
    });
    setImmediate(() => this.#carryOut());
    return { done, settle };
  }

  #carryOut(): void {
    const write = this.#dueWrite;
    invariant(write !== null, 'a write that is carried out was planned');
    this.#flushQuietly();
    this.#dueWrite = null;
    this.#doneWrite = write;
    const forget = (): void => {
      if (this.#doneWrite === write) this.#doneWrite = null;
    };
    write.settle(this.#failure);
    write.done.then(forget, forget);
  }

  #flushQuietly(): void {
    try {
      this.flush();
    } catch (thrown) {
      if (!(thrown instanceof OrderlabError)) throw thrown;
      this.#failure ??= thrown;
    }
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (thrown) {
      throw new OrderlabError('FILE_UNWRITABLE', { path: this.#options.path, cause: causeText(thrown) }, thrown);
    }
  }
}

/** A write may take only a part, when the disk is nearly full; the rest then fails with the true reason. */
function writeWhole(descriptor: number, text: string): void {
  let written = writeSync(descriptor, text);
  if (written === Buffer.byteLength(text)) return;
  const bytes = Buffer.from(text);
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
