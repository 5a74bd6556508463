/** Options of producers and consumers of the embedded broker: what is refused, and with what sentence. */
import { OrderlabError } from '../errors';
import type { Batching } from '../model/producer';

/** Pulsar's clients refuse a queue of 0 on several partitions too: each would be asked for a message per receive. Errors: USAGE. */
export function checkQueueSize(receiverQueueSize: number, partitionCount: number): void {
  const sizeMin = partitionCount > 1 ? 1 : 0;
  if (Number.isSafeInteger(receiverQueueSize) && receiverQueueSize >= sizeMin) return;
  const problem = `receiverQueueSize is a whole number from ${sizeMin} on ${partitionCount} partitions`;
  throw new OrderlabError('USAGE', { problem: `${problem}, got ${receiverQueueSize}` });
}

/** Errors: USAGE. */
export function checkBatching({ maxMessages, maxPublishDelayMs }: Batching): void {
  if (Number.isSafeInteger(maxMessages) && maxMessages > 0 && maxPublishDelayMs >= 0) return;
  const problem = 'a batch has a whole number of messages, at least 1, and waits 0 or more milliseconds';
  throw new OrderlabError('USAGE', { problem: `${problem}, got ${maxMessages} and ${maxPublishDelayMs}` });
}
