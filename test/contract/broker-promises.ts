/** What an adapter of the Broker port promises: literals that its contract suite reads. */
import type { SubscriptionType } from '../../shared/model/subscription';
import type { Broker, Consumer } from '../../shared/ports';

/** What a subscription type promises. */
export interface TypePromises {
  /** What becomes of a second consumer. */
  readonly secondConsumer: 'refused' | 'stands-by' | 'shares';
  /** Within what first deliveries keep the order of the log, over all consumers. */
  readonly orderWithin: 'partition' | 'key' | 'nothing';
  /** overtaken: the one message comes back, behind what was there. rewound: everything unacknowledged comes back. */
  readonly nack: 'overtaken' | 'rewound';
}

/** What Pulsar makes of each type, whoever asks. */
export const PULSAR_TYPES: Readonly<Record<SubscriptionType, TypePromises>> = {
  exclusive: { secondConsumer: 'refused', orderWithin: 'partition', nack: 'rewound' },
  failover: { secondConsumer: 'stands-by', orderWithin: 'partition', nack: 'rewound' },
  shared: { secondConsumer: 'shares', orderWithin: 'nothing', nack: 'overtaken' },
  'key-shared': { secondConsumer: 'shares', orderWithin: 'key', nack: 'overtaken' },
};

/** What one adapter promises beyond the port's own words. */
export interface BrokerPromises {
  readonly types: Readonly<Record<SubscriptionType, TypePromises>>;
  /** The broker counts negative acknowledgements in redeliveryCount where one message comes back. */
  readonly countsRedeliveries: boolean;
  /** A message is acknowledged when ack() resolves; else some time later. */
  readonly acksAtOnce: boolean;
  /** The tail of a log is looked up within the call; else a moment later, when more may have been published. */
  readonly looksUpTailAtOnce: boolean;
  /**
   * Under Failover the consumer that takes a partition over may be handed later messages before what its predecessor held.
   * PersistentDispatcherSingleActiveConsumer of 4.2.4 rewinds the cursor for it after a delay of 1 s, but when the write of
   * the last batch to the predecessor is done, which may be after the change, dispatchEntriesToConsumer reads on for whoever
   * is active by then, from where the cursor stands. Nothing is lost: the rewind brings what was overtaken.
   */
  readonly readsAheadAtTakeOver: boolean;
  /** A connection can be cut, so that the consumer dies without closing. */
  readonly severs: boolean;
  /** receiverQueueSize 0 is possible on a plain topic. */
  readonly fetchesPerReceive: boolean;
  /** No promise takes longer to come true, milliseconds. */
  readonly deadlineMs: number;
}

/** A broker without the topics that the suite will make. */
export interface OpenedBroker {
  readonly broker: Broker;
  /** Ends the consumer's connection as the death of its process would. Not called unless the adapter `severs`. */
  sever(consumer: Consumer): void | Promise<void>;
}
export const TYPES: readonly SubscriptionType[] = ['exclusive', 'failover', 'shared', 'key-shared'];
/** Those of which several consumers may be there at once. */
export const COMPETING = TYPES.filter((type) => type !== 'exclusive');

/** The types whose `promise` has that value. */
export function typesThat<Name extends keyof TypePromises>(
  { types }: BrokerPromises,
  promise: Name,
  value: TypePromises[Name],
): SubscriptionType[] {
  return TYPES.filter((type) => types[type][promise] === value);
}
