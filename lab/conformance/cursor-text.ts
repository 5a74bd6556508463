/** The cursor of a subscription as a text: how many entries are acknowledged in a row, and which ones above them. */
import type { PulsarAdmin } from '../../shared/adapters/pulsar-admin';
import type { InternalStats } from '../../shared/adapters/pulsar-admin-answer';
import { type Place, readPlace, readRanges } from '../../shared/adapters/pulsar-message-id';
import type { LogView } from '../../shared/simulator/log-view';

/** Numbers of entries from 1, both included. */
type Range = readonly [first: number, last: number];

/** One text per partition, in their order. */
export function modelCursors(logs: readonly LogView[], subscription: string): readonly string[] {
  return logs.map(({ cursors }) => {
    const cursor = cursors.find((each) => each.subscription === subscription);
    if (cursor === undefined) return 'none';
    return cursorText(
      cursor.markDelete + 1,
      cursor.acknowledged.map(([first, last]) => [first + 1, last + 1]),
    );
  });
}

export async function pulsarCursors(
  admin: PulsarAdmin,
  topic: string,
  partitionCount: number,
  subscription: string,
): Promise<readonly string[]> {
  const names =
    partitionCount === 0
      ? [topic]
      : Array.from({ length: partitionCount }, (_, partition) => `${topic}-partition-${partition}`);
  const stats = await Promise.all(names.map((name) => admin.internalStats(name)));
  return stats.map((each) => internalStatsText(each, subscription));
}

/** Positions are counted over all ledgers of the log, since a topic that is unloaded begins a new one. */
export function internalStatsText({ ledgers, cursors }: InternalStats, subscription: string): string {
  const cursor = cursors[subscription];
  if (cursor === undefined) return 'none';
  const numberOf = ({ ledgerId, entryId }: Place): number => {
    const before = ledgers.filter((ledger) => ledger.ledgerId < ledgerId);
    return before.reduce((sum, { entries }) => sum + entries, 0) + entryId + 1;
  };
  return cursorText(
    numberOf(readPlace(cursor.markDeletePosition)),
    readRanges(cursor.individuallyDeletedMessages).map(([below, last]) => [numberOf(below) + 1, numberOf(last)]),
  );
}

function cursorText(inARow: number, above: readonly Range[]): string {
  const ranges = above.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return [`${inARow} in a row`, ...(ranges.length === 0 ? [] : [`and ${ranges.join(' ')}`])].join(' ');
}
