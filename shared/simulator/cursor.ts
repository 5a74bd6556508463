/** A subscription's cursor over one log: what is acknowledged, and where the next normal read starts. */

export interface Cursor {
  /** Everything up to this position is acknowledged; -1: nothing. */
  markDelete: number;
  /** Individually acknowledged positions above `markDelete`. */
  readonly acknowledged: Set<number>;
  /** Position of a batch of which some messages are acknowledged → their indexes. */
  readonly batchAcks: Map<number, Set<number>>;
  /** Position of the next normal read. Below it everything was acknowledged, sent or put into the replay set. */
  read: number;
}

/** A cursor in front of that position, as if all before it were acknowledged. */
export function createCursor(position: number): Cursor {
  return { markDelete: position - 1, acknowledged: new Set(), batchAcks: new Map(), read: position };
}

export function isAcknowledged(cursor: Cursor, position: number): boolean {
  return position <= cursor.markDelete || cursor.acknowledged.has(position);
}

/** Acknowledges one position. Idempotent; whoever asks, it counts (pulsar-semantics 4.1). */
export function acknowledge(cursor: Cursor, position: number): void {
  if (cursor.batchAcks.size > 0) cursor.batchAcks.delete(position);
  if (position !== cursor.markDelete + 1) {
    if (position > cursor.markDelete) cursor.acknowledged.add(position);
    return;
  }
  cursor.markDelete = position;
  while (cursor.acknowledged.delete(cursor.markDelete + 1)) cursor.markDelete += 1;
}

/** Acknowledges everything up to the position. Returns how far: not beyond the end of a log of `entryCount` entries. */
export function acknowledgeAllUpTo(cursor: Cursor, position: number, entryCount: number): number {
  const last = Math.min(position, entryCount - 1);
  if (last <= cursor.markDelete) return last;
  for (const acknowledged of cursor.acknowledged) if (acknowledged <= last) cursor.acknowledged.delete(acknowledged);
  for (const position of cursor.batchAcks.keys()) if (position <= last) cursor.batchAcks.delete(position);
  cursor.markDelete = last;
  while (cursor.acknowledged.delete(cursor.markDelete + 1)) cursor.markDelete += 1;
  cursor.read = Math.max(cursor.read, cursor.markDelete + 1);
  return last;
}

/** In front of that position: everything before it counts as acknowledged, nothing behind it does. */
export function setCursor(cursor: Cursor, position: number): void {
  cursor.markDelete = position - 1;
  cursor.acknowledged.clear();
  cursor.batchAcks.clear();
  cursor.read = position;
}

/** The next normal read starts at the first unacknowledged position again: everything unacknowledged is sent again. */
export function rewind(cursor: Cursor): void {
  cursor.read = cursor.markDelete + 1;
}

/** Entries that are not acknowledged, of a log of `entryCount` entries. */
export function backlogOf(cursor: Cursor, entryCount: number): number {
  return entryCount - (cursor.markDelete + 1) - cursor.acknowledged.size;
}
