/** What can happen to the broker. Time comes with every input; it never runs backwards. */
import type { OutgoingMessage } from '../model/message';
import type { AccessMode } from '../model/producer';
import type { KeySharedPolicy, SubscriptionType } from '../model/subscription';
import type { TopicPolicies } from './broker-settings';
import type { MessageOrigin } from './deduplication';
import type { StartPosition } from './start-position';

/** A consumer's connection to one partition. `partition` is -1 on a plain topic. */
interface AtPartition {
  /** Chosen by the client, unique among all consumers that ever lived. It keeps it when it connects again. */
  readonly consumerId: number;
  readonly partition: number;
}

export type BrokerRequest =
  /** Idempotent with the same partitionCount; 0 makes a plain topic. */
  | { readonly kind: 'create-topic'; readonly topic: string; readonly partitionCount: number }
  /** Idempotent. */
  | {
      readonly kind: 'create-subscription';
      readonly topic: string;
      readonly subscription: string;
      /** Default `earliest`. */
      readonly from?: StartPosition;
      /** Default true. A subscription that is not durable, as a reader has one, goes with its last consumer. */
      readonly isDurable?: boolean;
    }
  /** Joins every partition of the topic, or is refused by all of them; or it waits, and is answered later. */
  | {
      readonly kind: 'create-producer';
      /** Chosen by the client, unique among all producers that ever lived. It keeps it when it connects again. */
      readonly producerId: number;
      readonly topic: string;
      readonly producerName: string;
      /** Default `shared`. */
      readonly accessMode?: AccessMode;
      /** Partition → the epoch under which it owned the topic before. Default: none. */
      readonly epochs?: ReadonlyMap<number, number>;
    }
  | { readonly kind: 'leave-producer'; readonly producerId: number }
  /** The key chooses the partition. Without an origin there is nothing to deduplicate by. */
  | {
      readonly kind: 'publish';
      /** Default: nobody's, so that nobody is kept out. */
      readonly producerId?: number;
      readonly topic: string;
      readonly message: OutgoingMessage;
      readonly origin?: MessageOrigin;
    }
  /** Joins every partition of the topic, or is refused by all of them. */
  | {
      readonly kind: 'subscribe';
      readonly consumerId: number;
      readonly topic: string;
      readonly subscription: string;
      readonly type: SubscriptionType;
      readonly consumerName: string;
      /** Default 0. */
      readonly priorityLevel?: number;
      /** Default: auto-split, in order. */
      readonly keyShared?: KeySharedPolicy;
    }
  /** Messages that a client routed to one partition and sent as one entry. Their origin is that of the first. */
  | {
      readonly kind: 'publish-batch';
      readonly producerId?: number;
      readonly topic: string;
      /** -1 on a plain topic. */
      readonly partition: number;
      readonly messages: readonly [OutgoingMessage, ...OutgoingMessage[]];
      readonly origin?: MessageOrigin;
    }
  /** The consumer has room for that many more messages. */
  | (AtPartition & { readonly kind: 'flow'; readonly permits: number })
  /** Indexes: of those messages of a batch only. */
  | (AtPartition & { readonly kind: 'ack'; readonly position: number; readonly batchIndexes?: readonly number[] })
  /** Everything up to the position. Ignored on Shared and Key_Shared, where clients refuse it (pulsar-semantics 4.1). */
  | (AtPartition & { readonly kind: 'ack-cumulative'; readonly position: number })
  /** Negative acknowledgements and time-outs of a client. null: everything unacknowledged. */
  | (AtPartition & { readonly kind: 'redeliver'; readonly positions: readonly number[] | null })
  /** Closed or dead: the broker cannot tell the difference. */
  | { readonly kind: 'leave'; readonly consumerId: number }
  /** Settings of one topic instead of the broker's. Pulsar: deduplicationEnabled, maxUnackedMessagesOnConsumer, …. */
  | { readonly kind: 'set-topic-policies'; readonly topic: string; readonly policies: TopicPolicies }
  /** Everybody is disconnected, the cursors are written down first, and clients come back. */
  | { readonly kind: 'unload'; readonly topic: string }
  /** The same for all topics. losesAcks: killed, so that acknowledgements that were not written down yet are lost. */
  | { readonly kind: 'restart'; readonly losesAcks: boolean }
  /**
   * The cursor is set anew, in the partitions that a map names or in all; the subscription's consumers are disconnected
   * and come back. Acknowledgements behind the new place are forgotten.
   */
  | { readonly kind: 'seek'; readonly topic: string; readonly subscription: string; readonly to: StartPosition }
  /** Refused while consumers are connected, unless it is forced: then they are disconnected, and find nothing. */
  | { readonly kind: 'delete-topic'; readonly topic: string; readonly isForced: boolean }
  | {
      readonly kind: 'delete-subscription';
      readonly topic: string;
      readonly subscription: string;
      readonly isForced: boolean;
    }
  /** The only consumer of a subscription ends it, and leaves. */
  | { readonly kind: 'unsubscribe'; readonly consumerId: number }
  /** Gives up the next unacknowledged messages, of one log; null: all of them, of every partition. */
  | { readonly kind: 'skip'; readonly topic: string; readonly subscription: string; readonly count: number | null }
  /** Gives up what was published longer ago. */
  | { readonly kind: 'expire'; readonly topic: string; readonly subscription: string; readonly olderThanMs: number }
  /** A moment that a `wake-at` asked for, or any other. */
  | { readonly kind: 'tick' };

export type BrokerInput = BrokerRequest & { readonly nowMs: number };
