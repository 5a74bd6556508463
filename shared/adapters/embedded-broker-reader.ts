/**
 * Reader of the embedded broker: the only consumer of a subscription of its own that is not durable. Nothing of it is
 * left when it is closed, and it comes back to the place where it was when its connection is lost.
 */
import type { Delivery } from '../model/message';
import type { PartitionLog } from '../simulator/broker';
import type { BrokerRequest } from '../simulator/broker-input';
import { batchIndexIn, positionIn } from '../simulator/client-state';
import { sizeOf } from '../simulator/entry';
import { type StartPosition, startIn } from '../simulator/start-position';
import {
  type BrokerLink,
  ConsumerShell,
  type SeekTarget,
  type SubscribeRequest,
  startPositionOf,
} from './embedded-broker-consumer';

export interface ReaderOptions {
  readonly topic: string;
  readonly readerName: string;
  /** `{ after }` names a message by its id: the one behind it comes first. Partitions that it is not of begin with the earliest. */
  readonly from: SeekTarget;
  /** Messages that may wait unread per partition, at least 1. Pulsar's default is 1000. */
  readonly receiverQueueSize: number;
}

export interface EmbeddedReader {
  /** The next message; null after close. Nothing has to be acknowledged. */
  readNext(): Promise<Delivery | null>;
  /** Whether the log holds a message that was not read yet. */
  hasNext(): boolean;
  seek(to: SeekTarget): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export class ReaderShell implements EmbeddedReader {
  readonly consumer: ConsumerShell;
  readonly #logs: () => readonly PartitionLog[];
  /** Partition → position of the next message. */
  #next: Map<number, number>;
  /** Partition → the last message of a batch that was read. */
  readonly #lastInBatch = new Map<number, { readonly position: number; readonly index: number }>();

  constructor(
    link: BrokerLink,
    { topic, from, ...options }: ReaderOptions,
    consumerId: number,
    logs: () => readonly PartitionLog[],
  ) {
    this.#logs = logs;
    this.#next = this.#positionsOf(startPositionOf(from, logs(), `reader ${options.readerName}`));
    const { readerName, receiverQueueSize } = options;
    const subscription = `reader-${readerName}-${consumerId}`;
    const prepare = (): readonly BrokerRequest[] => [
      { kind: 'create-subscription', topic, subscription, from: new Map(this.#next), isDurable: false },
    ];
    const subscribe: SubscribeRequest = {
      ...{ kind: 'subscribe', consumerId, topic, subscription, type: 'exclusive', consumerName: readerName },
    };
    const settings = { consumerId, type: 'exclusive', receiverQueueSize, negativeAckDelayMs: 0 } as const;
    this.consumer = new ConsumerShell(link, subscribe, settings, prepare);
  }

  /** After an outage a batch comes again whole, so that what was read of it is passed over. */
  async readNext(): Promise<Delivery | null> {
    for (;;) {
      const delivery = await this.consumer.receive();
      if (delivery === null) return null;
      const isNew = this.#note(delivery);
      await this.consumer.ackCumulative(delivery.messageId);
      if (isNew) return delivery;
    }
  }

  /** Returns whether it was not read before. */
  #note({ partition, messageId }: Delivery): boolean {
    const [position, index] = [positionIn(messageId), batchIndexIn(messageId)];
    const entry = this.#logs().find((each) => each.partition === partition)?.log[position];
    const isLast = index === undefined || entry === undefined || index === sizeOf(entry) - 1;
    this.#next.set(partition, isLast ? position + 1 : position);
    const last = this.#lastInBatch.get(partition);
    if (index === undefined) return true;
    if (last?.position === position && index <= last.index) return false;
    this.#lastInBatch.set(partition, { position, index });
    return true;
  }

  hasNext(): boolean {
    return this.#logs().some(({ partition, log }) => (this.#next.get(partition) ?? 0) < log.length);
  }

  async seek(to: SeekTarget): Promise<void> {
    const start = this.consumer.startOf(to);
    // A message id names one partition; the others go on.
    this.#next = typeof start === 'string' ? this.#positionsOf(start) : new Map([...this.#next, ...start]);
    this.#lastInBatch.clear();
    await this.consumer.seek(to);
  }

  close(): Promise<void> {
    return this.consumer.close();
  }

  #positionsOf(start: StartPosition): Map<number, number> {
    return new Map(this.#logs().map(({ partition, log }) => [partition, startIn(start, partition, log.length)]));
  }
}
