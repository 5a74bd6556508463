/**
 * What a crash of the broker leaves of a cursor. Acknowledgements take effect in memory; they are written down when an
 * acknowledgement comes and the rate allows it, and the last ones of a burst only with a later one or with the flush of
 * all cursors (pulsar-semantics 4.1). So a crash brings acknowledged messages back, up to a minute of them.
 * Source: ManagedCursorImpl.
 */
import type { BrokerSettings } from './broker-settings';
import type { Cursor } from './cursor';

export interface PersistedCursor {
  markDelete: number;
  /** Individually acknowledged positions above `markDelete`, ascending. */
  acknowledged: readonly number[];
  /** Positions of batches with the indexes of their messages that are acknowledged. */
  batchAcks: readonly (readonly [position: number, indexes: readonly number[]])[];
  /** When an acknowledgement was last written down at once. */
  writtenAtMs: number;
  /** Since when there are acknowledgements that are in memory only; null: there are none. */
  dirtySinceMs: number | null;
}

export function createPersistedCursor(markDelete: number): PersistedCursor {
  return { markDelete, acknowledged: [], batchAcks: [], writtenAtMs: Number.NEGATIVE_INFINITY, dirtySinceMs: null };
}

type Limits = Pick<BrokerSettings, 'markDeleteRateLimit' | 'cursorPositionFlushSeconds' | 'unackedRangesToPersistMax'>;

/** To be called before an acknowledgement changes the cursor, or a crash loses it: what was flushed until now is safe. */
export function flushWhenDue(persisted: PersistedCursor, cursor: Cursor, limits: Limits, nowMs: number): void {
  const { dirtySinceMs } = persisted;
  const flushMs = limits.cursorPositionFlushSeconds * 1000;
  const wasFlushed = dirtySinceMs !== null && Math.floor(nowMs / flushMs) > Math.floor(dirtySinceMs / flushMs);
  if (wasFlushed) persist(persisted, cursor, limits);
}

/** To be called after an acknowledgement has changed the cursor. */
export function noteAcknowledged(persisted: PersistedCursor, cursor: Cursor, limits: Limits, nowMs: number): void {
  if (nowMs - persisted.writtenAtMs < 1000 / limits.markDeleteRateLimit) {
    persisted.dirtySinceMs ??= nowMs;
    return;
  }
  persisted.writtenAtMs = nowMs;
  persist(persisted, cursor, limits);
}

/** Writes the cursor down, as an orderly end of the topic does. */
export function persist(persisted: PersistedCursor, cursor: Cursor, limits: Limits): void {
  persisted.markDelete = cursor.markDelete;
  persisted.acknowledged = firstRanges([...cursor.acknowledged], limits.unackedRangesToPersistMax);
  persisted.batchAcks = [...cursor.batchAcks].map(([position, indexes]) => [position, [...indexes]]);
  persisted.dirtySinceMs = null;
}

/** The broker crashed: the cursor is what was written down. */
export function rollBack(persisted: PersistedCursor, cursor: Cursor): void {
  cursor.markDelete = persisted.markDelete;
  cursor.acknowledged.clear();
  for (const position of persisted.acknowledged) cursor.acknowledged.add(position);
  cursor.batchAcks.clear();
  for (const [position, indexes] of persisted.batchAcks) cursor.batchAcks.set(position, new Set(indexes));
  persisted.dirtySinceMs = null;
}

/** Ascending, up to the end of that many ranges of neighbours: more are not written down. */
function firstRanges(positions: number[], rangeCountMax: number): readonly number[] {
  positions.sort((left, right) => left - right);
  let rangeCount = 0;
  const end = positions.findIndex((position, index) => {
    if (positions[index - 1] !== position - 1) rangeCount += 1;
    return rangeCount > rangeCountMax;
  });
  return end < 0 ? positions : positions.slice(0, end);
}
