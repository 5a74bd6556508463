/** History to disk: one JSON object a line, one file per process incarnation. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { causeText, OrderlabError } from '../errors';
import type { HistoryBody, HistoryRecord } from '../model/history';
import { invariant } from '../model/invariant';
import type { Recorder } from '../ports';

/** A recorder over one file. */
export interface JsonlRecorder extends Recorder {
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
}

/**
 * Every record is one synchronous write before the caller goes on: after a kill -9 the kernel still holds everything
 * that was recorded, and at most the last line is torn. It is not fsynced: a power cut is not a fault of this lab.
 * Throws FILE_UNWRITABLE.
 */
export function openJsonlRecorder(options: JsonlRecorderOptions): JsonlRecorder {
  return new OpenJsonlRecorder(options);
}

class OpenJsonlRecorder implements JsonlRecorder {
  readonly #options: JsonlRecorderOptions;
  readonly #descriptor: number;
  #state: 'open' | 'closed' | 'abandoned' = 'open';
  #written = 0;

  constructor(options: JsonlRecorderOptions) {
    this.#options = options;
    this.#descriptor = this.#attempt(() => openSync(options.path, 'wx'));
  }

  record(body: HistoryBody): void {
    if (this.#state === 'abandoned') return;
    invariant(this.#state === 'open', 'nothing is recorded after the end record');
    const { recorder, nextOrder } = this.#options;
    this.#written += 1;
    const record: HistoryRecord = { recorder, n: this.#written, order: nextOrder(), ...body };
    this.#attempt(() => writeWhole(this.#descriptor, `${JSON.stringify(record)}\n`));
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
    this.#state = state;
    this.#attempt(() => closeSync(this.#descriptor));
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
function writeWhole(descriptor: number, line: string): void {
  let written = writeSync(descriptor, line);
  if (written === Buffer.byteLength(line)) return;
  const bytes = Buffer.from(line);
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
