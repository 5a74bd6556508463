/** What the broker asks its shell to do, in this order. The first action of a request is its answer, if it has one. */
import type { Delivery } from '../model/message';

/** A log: the ledger's number stands in every message id of it. */
export interface LogName {
  readonly ledgerId: number;
  /** -1 on a plain topic. */
  readonly partition: number;
}

/** A request that could not be done. The codes stand in the table of errors. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code:
    | 'TOPIC_NOT_FOUND'
    | 'SUBSCRIPTION_NOT_FOUND'
    | 'CONSUMER_BUSY'
    | 'PRODUCER_BUSY'
    | 'PRODUCER_FENCED'
    | 'IN_USE'
    | 'USAGE';
  readonly details: Readonly<Record<string, string>>;
}

export type BrokerAction =
  | Refusal
  /** Answer of `publish`: the broker has it. */
  | { readonly kind: 'stored'; readonly messageId: string }
  /**
   * Answer of `create-producer`, or later, when the turn of one comes that waited. `lastSequenceId`: the highest that the
   * broker deduplicates by; -1: none. `epochs` by partition, of the latest exclusive owner.
   */
  | {
      readonly kind: 'producer-created';
      readonly producerId: number;
      readonly epochs: ReadonlyMap<number, number>;
      readonly lastSequenceId: number;
      /** 0: a plain topic. A client that makes batches routes by it. */
      readonly partitionCount: number;
    }
  /** Answer of `create-producer`: it has to wait until it is alone. */
  | { readonly kind: 'producer-waits' }
  /** One that waited is told that its turn will never come. */
  | {
      readonly kind: 'producer-refused';
      readonly producerId: number;
      readonly code: 'PRODUCER_BUSY' | 'PRODUCER_FENCED';
      readonly problem: string;
    }
  /** The broker does not know the producer any more. Its client connects again, a little later, under the same id. */
  | { readonly kind: 'producer-closed'; readonly producerId: number }
  /** Answer of `subscribe`. Names the logs that the consumer now listens to. */
  | { readonly kind: 'subscribed'; readonly consumerId: number; readonly logs: readonly LogName[] }
  | { readonly kind: 'deliver'; readonly consumerId: number; readonly delivery: Delivery }
  /** The messages of one batch that are not acknowledged, in order: at least one. */
  | { readonly kind: 'deliver-batch'; readonly consumerId: number; readonly deliveries: readonly Delivery[] }
  /** The broker ended the consumer's connection. Its client subscribes again, a little later, under the same id. */
  | { readonly kind: 'disconnected'; readonly consumerId: number }
  /** Exclusive and Failover: this consumer is served from now on. */
  | { readonly kind: 'active-changed'; readonly consumerId: number; readonly partition: number }
  /** Send a `tick` at this time or later. Asking twice for the same time does no harm. */
  | { readonly kind: 'wake-at'; readonly atMs: number };
