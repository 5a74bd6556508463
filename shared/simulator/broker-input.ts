/** What can happen to the broker. Time comes with every input; it never runs backwards. */
import type { OutgoingMessage } from '../model/message';
import type { SubscriptionType } from '../model/subscription';

/** A consumer's connection to one partition. `partition` is -1 on a plain topic. */
interface AtPartition {
  /** Chosen by the client, unique among all consumers that ever lived. */
  readonly consumerId: number;
  readonly partition: number;
}

export type BrokerRequest =
  /** Idempotent with the same partitionCount; 0 makes a plain topic. */
  | { readonly kind: 'create-topic'; readonly topic: string; readonly partitionCount: number }
  /** Idempotent. The cursor starts at the earliest message unless it is told to start behind the latest. */
  | {
      readonly kind: 'create-subscription';
      readonly topic: string;
      readonly subscription: string;
      readonly from?: 'earliest' | 'latest';
    }
  /** The key chooses the partition. */
  | { readonly kind: 'publish'; readonly topic: string; readonly message: OutgoingMessage }
  /** Joins every partition of the topic, or is refused by all of them. */
  | {
      readonly kind: 'subscribe';
      readonly consumerId: number;
      readonly topic: string;
      readonly subscription: string;
      readonly type: SubscriptionType;
      readonly consumerName: string;
    }
  /** The consumer has room for that many more messages. */
  | (AtPartition & { readonly kind: 'flow'; readonly permits: number })
  | (AtPartition & { readonly kind: 'ack'; readonly position: number })
  /** Negative acknowledgements and time-outs of a client. null: everything unacknowledged. */
  | (AtPartition & { readonly kind: 'redeliver'; readonly positions: readonly number[] | null })
  /** Closed or dead: the broker cannot tell the difference. */
  | { readonly kind: 'leave'; readonly consumerId: number }
  /** A moment that a `wake-at` asked for, or any other. */
  | { readonly kind: 'tick' };

export type BrokerInput = BrokerRequest & { readonly nowMs: number };
