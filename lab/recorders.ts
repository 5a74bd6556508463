/** Recorders of one run: a file each, and one number line for their order. */
import { type JsonlRecorder, openJsonlRecorder } from '../shared/adapters/jsonl-recorder';
import type { HeaderBody, HistoryRecord } from '../shared/model/history';
import type { Clock } from '../shared/ports';

/** What the checker calls concurrent. All processes of a run read one clock; a pause between reading and writing is left. */
const CLOCK_ERROR_MS = 5;

export class Recorders {
  /** What the header says of the order. */
  readonly ordering: Pick<HeaderBody, 'orderedBy' | 'clockErrorMs'>;
  private readonly opened: JsonlRecorder[] = [];
  private readonly now: () => number;

  /**
   * In one process a shared counter makes the order exact. Several processes share no counter: there the machine's
   * clock orders records, to the clock error.
   */
  constructor(
    private readonly folder: string,
    clock: Clock,
    processes: boolean,
    /** Told of every record of this process; default: nobody. */
    private readonly heard?: (record: HistoryRecord) => void,
  ) {
    let count = 0;
    this.ordering = processes
      ? { orderedBy: 'clock', clockErrorMs: CLOCK_ERROR_MS }
      : { orderedBy: 'counter', clockErrorMs: 0 };
    this.now = processes
      ? () => clock.nowMs()
      : () => {
          count += 1;
          return count;
        };
  }

  /** As many writes as real clients allow: the consumers wait for theirs before they act. */
  openGathering(recorder: string): JsonlRecorder {
    return this.open(recorder, this.now, 'turn');
  }

  /** `order`: the place of each record; default: now. */
  open(recorder: string, order: () => number = this.now, writes: 'each' | 'turn' = 'each'): JsonlRecorder {
    const path = this.pathOf(recorder);
    const opened = openJsonlRecorder({ path, recorder, nextOrder: order, writes, heard: this.heard });
    this.opened.push(opened);
    return opened;
  }

  /** Where a recorder writes that lives in another process. */
  pathOf(recorder: string): string {
    return `${this.folder}/${recorder}.jsonl`;
  }

  closeAll(): void {
    for (const recorder of this.opened) recorder.close();
  }

  /** Those that are still open after a failure end without an end record, so that nobody takes them for whole. */
  abandonAll(): void {
    for (const recorder of this.opened) recorder.abandon();
  }
}
