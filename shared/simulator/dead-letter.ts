/**
 * Dead letters (pulsar-semantics 4.5): a matter of the client. A message that came often enough is handed to the
 * application once more; when it is given back again, a copy goes to another topic and the message is acknowledged. Those
 * are two steps, and later messages of the key have long gone by. Source: ConsumerImpl.processPossibleToDLQ.
 */
import type { Delivery } from '../model/message';
import { fullTopicName } from './active-consumer';
import type { BrokerRequest } from './broker-input';

export interface DeadLetterPolicy {
  /** Redeliveries that the application sees, at least 1: it gets the message once more than that. */
  readonly maxRedeliverCount: number;
  /** Where the copies go. Pulsar's default: `TOPIC-SUBSCRIPTION-DLQ`. */
  readonly topic: string;
  readonly subscription: string;
}

/** What a delivery that came with this count means. */
export function judgeDelivery(
  { maxRedeliverCount }: DeadLetterPolicy,
  redeliveryCount: number,
): 'ordinary' | 'last-chance' | 'dead' {
  if (redeliveryCount < maxRedeliverCount) return 'ordinary';
  return redeliveryCount === maxRedeliverCount ? 'last-chance' : 'dead';
}

/** Makes the topic where it is missing and puts the copy there. Nothing retains it unless somebody subscribed before. */
export function deadLetterRequests(
  { topic, subscription }: DeadLetterPolicy,
  { key, payload, properties, messageId, topic: source }: Delivery,
): readonly BrokerRequest[] {
  const origin = {
    REAL_TOPIC: fullTopicName(source),
    REAL_SUBSCRIPTION: subscription,
    ORIGIN_MESSAGE_ID: messageId,
    // Pulsar's own spelling.
    ORIGIN_MESSAGE_IDY_TIME: messageId,
  };
  const message = { key, payload, properties: { ...properties, ...origin } };
  return [
    { kind: 'create-topic', topic, partitionCount: 0 },
    { kind: 'publish', topic, message },
  ];
}
