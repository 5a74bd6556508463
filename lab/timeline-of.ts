/** Timeline of a run: the lane-per-consumer drawing of its smallest witness, or of one user's whole story. */
import { readHistory } from '../shared/adapters/history-files';
import { explain, witnessUser } from '../shared/checker/explain';
import type { HistoryRecord } from '../shared/model/history';
import type { Verdict } from '../shared/model/verdict';

/** `user` null: the user of the first witness. Reads the history once more, keeping one user's records. */
export function timelineOf(path: string, verdict: Verdict, user: string | null): string {
  const shown = user ?? witnessUser(verdict) ?? firstUser(path);
  const records: HistoryRecord[] = [];
  for (const record of readHistory(path)) {
    if (isContext(record) || ('user' in record && record.user === shown)) records.push(record);
    else if (record.stream === 'Log' && record.event?.user === shown) records.push(record);
  }
  return explain({ records, verdict, user: shown });
}

/** What a story of one user needs of the others: who came and went, and what was injected. */
function isContext(record: HistoryRecord): boolean {
  return record.stream === 'Run' || record.stream === 'Cause' || record.stream === 'Fault';
}

function firstUser(path: string): string {
  for (const record of readHistory(path)) if (record.stream === 'Pub') return record.user;
  return '';
}
