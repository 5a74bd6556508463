/** Judges a history at once. */
import { createChecker } from '../../shared/checker/check';
import type { HistoryRecord } from '../../shared/model/history';
import type { Verdict } from '../../shared/model/verdict';

export function judged(records: Iterable<HistoryRecord>): Verdict {
  const checker = createChecker();
  for (const record of records) checker.observe(record);
  return checker.finish();
}
