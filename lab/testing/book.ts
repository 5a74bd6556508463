/** The book of one run: its history, in the documented format, in memory. One counter orders all records. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryBody, HistoryRecord } from '../../shared/model/history';

export class Book {
  readonly records: HistoryRecord[] = [];
  readonly #counts = new Map<string, number>();

  /** The latest record of everything. */
  get lastOrder(): number {
    return this.records.length;
  }

  record(recorder: string, body: HistoryBody): void {
    const n = (this.#counts.get(recorder) ?? 0) + 1;
    this.#counts.set(recorder, n);
    this.records.push({ recorder, n, order: this.records.length + 1, ...body });
  }

  /** Every recorder says that nothing of it is missing. Whose crash is on record has no end, as on disk. */
  close(): void {
    const crashed = new Set(this.records.flatMap((each) => (isCrash(each) ? [each.consumer] : [])));
    for (const recorder of [...this.#counts.keys()]) {
      if (!crashed.has(recorder)) this.record(recorder, { stream: 'Run', type: 'end' });
    }
  }
}

function isCrash(record: HistoryRecord): record is Extract<HistoryRecord, { stream: 'Cause' }> {
  return record.stream === 'Cause' && record.type === 'crash';
}

/** Writes a history as a run folder that `orderlab check` and `orderlab explain` read. */
export function writeHistory(records: readonly HistoryRecord[], folder: string): void {
  mkdirSync(join(folder, 'history'), { recursive: true });
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  writeFileSync(join(folder, 'history', 'kit.jsonl'), lines.join(''));
}
