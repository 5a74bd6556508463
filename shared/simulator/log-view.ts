/**
 * What the broker's internal statistics would print about one log: its ledger, and the truth about its cursors
 * (pulsar-semantics 8). Looking changes nothing. Source: PersistentTopicInternalStats.
 */
import type { BrokerState } from './broker-state';
import type { Cursor } from './cursor';
import { findTopic } from './topic';

/** The cursor of one subscription. Positions are indices of the log. */
export interface CursorView {
  readonly subscription: string;
  /** -1: nothing is acknowledged. */
  readonly markDelete: number;
  readonly read: number;
  /** Acknowledged above `markDelete`, inclusive, ascending and merged. */
  readonly acknowledged: readonly (readonly [first: number, last: number])[];
}

export interface LogView {
  /** -1: a plain topic. */
  readonly partition: number;
  readonly ledgerId: number;
  readonly entryCount: number;
  readonly cursors: readonly CursorView[];
}

/** One view per partition, in their order; null: there is no such topic. */
export function viewLogs(state: BrokerState, topic: string): readonly LogView[] | null {
  const partitions = findTopic(state.topics, topic)?.partitions;
  if (partitions === undefined) return null;
  return partitions.map(({ partition, ledgerId, log, subscriptions }) => ({
    ...{ partition, ledgerId, entryCount: log.length },
    cursors: [...subscriptions].map(([subscription, { cursor }]) => viewCursor(subscription, cursor)),
  }));
}

function viewCursor(subscription: string, { markDelete, read, acknowledged }: Cursor): CursorView {
  return { subscription, markDelete, read, acknowledged: merge([...acknowledged].sort((left, right) => left - right)) };
}

function merge(positions: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const ranges: [first: number, last: number][] = [];
  for (const position of positions) {
    const range = ranges.at(-1);
    if (range?.[1] === position - 1) range[1] = position;
    else ranges.push([position, position]);
  }
  return ranges;
}
