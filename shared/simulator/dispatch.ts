/** What every dispatcher works with: one subscription of one partition during one step. */
import { invariant } from '../model/invariant';
import type { BrokerAction } from './broker-action';
import type { BrokerSettings } from './broker-settings';
import { type ConsumerState, takePermits } from './consumer';
import { type Cursor, isAcknowledged } from './cursor';
import { type Entry, messagesIn } from './entry';
import { addUnacked, type UnackedTally } from './unacked';

export interface Dispatch {
  readonly settings: BrokerSettings;
  readonly topic: string;
  /** -1 on a plain topic. */
  readonly partition: number;
  readonly log: readonly Entry[];
  readonly cursor: Cursor;
  /** In join order. */
  readonly consumers: readonly ConsumerState[];
  /** False: a reader's subscription. */
  readonly isDurable: boolean;
  /** What Shared and Key_Shared consumers hold together. */
  readonly unacked: UnackedTally;
  readonly nowMs: number;
  /** What this step asks for so far. */
  readonly actions: BrokerAction[];
}

/** What happened to the subscription; the lists and the cursor are up to date already. */
export type DispatchCause =
  | { readonly kind: 'joined'; readonly consumer: ConsumerState }
  /** `consumer` is no longer in the list, but still knows what it held. */
  | { readonly kind: 'left'; readonly consumer: ConsumerState }
  | { readonly kind: 'flowed'; readonly consumer: ConsumerState }
  /** `holder` had the message pending under `hash`; null: nobody had. */
  | { readonly kind: 'acked'; readonly position: number; readonly holder: ConsumerState | null; readonly hash: number }
  /** `positions` with their hashes are no longer pending at `consumer`. */
  | { readonly kind: 'redelivered'; readonly consumer: ConsumerState; readonly positions: ReadonlyMap<number, number> }
  | { readonly kind: 'published' }
  | { readonly kind: 'ticked' };

export function entryAt(log: readonly Entry[], position: number): Entry {
  const entry = log[position];
  invariant(entry !== undefined, 'only positions of the log are dispatched');
  return entry;
}

/** The next position of a normal read that is not acknowledged; null at the end of the log. Moves the read position. */
export function readNext({ log, cursor }: Dispatch): number | null {
  while (cursor.read < log.length) {
    const position = cursor.read;
    cursor.read += 1;
    if (!isAcknowledged(cursor, position)) return position;
  }
  return null;
}

/** Messages of an entry that are not acknowledged. */
export function countLeft({ log, cursor }: Pick<Dispatch, 'log' | 'cursor'>, position: number): number {
  const { batch } = entryAt(log, position);
  return batch === null ? 1 : batch.length - (cursor.batchAcks.get(position)?.size ?? 0);
}

/** Hands one entry to a consumer: of a batch, those messages that are not acknowledged. */
export function deliver(dispatch: Dispatch, consumer: ConsumerState, position: number, redeliveryCount: number): void {
  invariant(!isAcknowledged(dispatch.cursor, position), 'M3: what is acknowledged is not sent again');
  const entry = entryAt(dispatch.log, position);
  if (entry.batch !== null) {
    deliverBatch(dispatch, consumer, entry, redeliveryCount);
    return;
  }
  takePermits(consumer, 1);
  const { messageId, topic, partition, key, payload, properties } = entry;
  const delivery = { messageId, topic, partition, key, payload, properties, redeliveryCount };
  dispatch.actions.push({ kind: 'deliver', consumerId: consumer.id, delivery });
}

function deliverBatch(dispatch: Dispatch, consumer: ConsumerState, entry: Entry, redeliveryCount: number): void {
  const acknowledged = dispatch.cursor.batchAcks.get(entry.position);
  const deliveries = messagesIn(entry)
    .filter((_message, index) => acknowledged?.has(index) !== true)
    .map(({ position: _position, ...message }) => ({ ...message, redeliveryCount }));
  takePermits(consumer, deliveries.length);
  dispatch.actions.push({ kind: 'deliver-batch', consumerId: consumer.id, deliveries });
}

/** Hands one entry to a consumer that must acknowledge it before anybody may forget it (Shared and Key_Shared). */
export function deliverTracked(
  dispatch: Dispatch,
  consumer: ConsumerState,
  position: number,
  hash: number,
  redeliveryCounts: ReadonlyMap<number, number>,
): void {
  invariant(!consumer.pending.has(position), 'M3: an entry is pending once');
  consumer.pending.set(position, hash);
  addUnacked(dispatch, consumer, countLeft(dispatch, position));
  deliver(dispatch, consumer, position, redeliveryCounts.get(position) ?? 0);
}

/** Raises the redelivery count of each position. Only redeliver requests do; a disconnect does not. */
export function countRedeliveries(counts: Map<number, number>, positions: Iterable<number>): void {
  for (const position of positions) counts.set(position, (counts.get(position) ?? 0) + 1);
}
