/** What a consumer is opened with: the options of the native client, resolved. */
import type { Delivery } from '../../../shared/model/message';
import type { KeySharedPolicy, SubscriptionType } from '../../../shared/model/subscription';
import { type Cluster, fullTopicName } from './cluster';
import type { Consumer } from './consumer';
import { propertiesOf } from './content';
import { nativeError, ON_REAL_PULSAR, refuseOptions } from './failure';
import type { Host } from './host';
import type { Message } from './message';
import { Producer } from './producer';

export type Listener = (message: Message, consumer: Consumer) => unknown;

/** The options that the drop-in reads; the others change nothing here, or are refused. */
export interface ConsumerConfig {
  readonly topic?: string;
  readonly topics?: readonly string[];
  readonly subscription: string;
  /** Any other word means Exclusive, silently, as in the native client. */
  readonly subscriptionType?: string;
  readonly subscriptionInitialPosition?: string;
  readonly ackTimeoutMs?: number;
  readonly nAckRedeliverTimeoutMs?: number;
  readonly receiverQueueSize?: number;
  readonly consumerName?: string;
  /** A method, so that the package's own types of message and consumer are taken as well. */
  listener?(message: Message, consumer: Consumer): unknown;
  readonly deadLetterPolicy?: { readonly deadLetterTopic?: string; readonly maxRedeliverCount?: number };
  readonly batchReceivePolicy?: { readonly maxNumMessages?: number; readonly timeoutMs?: number };
  readonly keySharedPolicy?: {
    readonly keyShareMode?: string;
    readonly allowOutOfOrderDelivery?: boolean;
    readonly stickyRanges?: readonly { readonly start: number; readonly end: number }[];
  };
}

export interface ConsumerSettings {
  readonly topics: readonly string[];
  readonly subscription: string;
  readonly type: SubscriptionType;
  readonly from: 'earliest' | 'latest';
  readonly consumerName: string;
  readonly receiverQueueSize: number;
  readonly keyShared: KeySharedPolicy;
  readonly negativeAckDelayMs: number;
  readonly ackTimeoutMs: number | null;
  readonly listener: Listener | null;
  readonly batch: { readonly countMax: number; readonly timeoutMs: number };
  readonly deadLetters: { readonly redeliveryCountMax: number; send(delivery: Delivery): Promise<void> } | null;
  /** Calls the listener; what it throws is logged and the message stays unacknowledged. */
  call(listener: Listener, message: Message, consumer: Consumer): Promise<void>;
}

const TYPE_BY_NATIVE_NAME: Readonly<Record<string, SubscriptionType>> = {
  Exclusive: 'exclusive',
  Failover: 'failover',
  Shared: 'shared',
  KeyShared: 'key-shared',
};

const RECEIVER_QUEUE_SIZE = 1000;
/** The client waits this long without an option. */
const NEGATIVE_ACK_DELAY_MS = 60_000;
/** Measured: 0, 1 and 100 all give 133 ms, 1,000 gives 1,333. */
const NEGATIVE_ACK_DELAY_MS_MIN = 100;
const NEGATIVE_ACK_DELAY_FACTOR = 4 / 3;
/** BatchReceivePolicy of the C++ client. */
const BATCH_TIMEOUT_MS = 100;

const NOT_IN_A_CONSUMER = {
  topicsPattern: 'name the topics with `topics`',
  readCompacted: 'nothing is compacted here: leave it out',
  cryptoKeyReader: ON_REAL_PULSAR,
  privateKeyPath: ON_REAL_PULSAR,
  schema: 'receive bytes',
};

export function settingsOf(config: ConsumerConfig, cluster: Cluster, host: Host, complain: Complain): ConsumerSettings {
  refuseOptions('subscribe', config, NOT_IN_A_CONSUMER);
  const topics = (config.topics ?? [config.topic ?? '']).map((topic) => fullTopicName(topic));
  if (config.subscription === undefined || topics.includes(fullTopicName(''))) {
    throw nativeError('create consumer', 'InvalidConfiguration');
  }
  const { ackTimeoutMs = 0, nAckRedeliverTimeoutMs = NEGATIVE_ACK_DELAY_MS, batchReceivePolicy = {} } = config;
  const { maxNumMessages = 0, timeoutMs = BATCH_TIMEOUT_MS } = batchReceivePolicy;
  return {
    topics,
    subscription: config.subscription,
    type: TYPE_BY_NATIVE_NAME[config.subscriptionType ?? ''] ?? 'exclusive',
    from: config.subscriptionInitialPosition === 'Earliest' ? 'earliest' : 'latest',
    consumerName: config.consumerName ?? host.name ?? cluster.freshName(),
    receiverQueueSize: config.receiverQueueSize ?? RECEIVER_QUEUE_SIZE,
    keyShared: keySharedOf(config),
    negativeAckDelayMs: Math.max(nAckRedeliverTimeoutMs, NEGATIVE_ACK_DELAY_MS_MIN) * NEGATIVE_ACK_DELAY_FACTOR,
    ackTimeoutMs: ackTimeoutMs > 0 ? ackTimeoutMs : null,
    listener: config.listener === undefined ? null : (...heard) => config.listener?.(...heard),
    batch: { countMax: maxNumMessages > 0 ? maxNumMessages : Number.POSITIVE_INFINITY, timeoutMs },
    deadLetters: deadLettersOf(config, topics[0] ?? '', cluster, host),
    call: (listener, message, consumer) => called(listener, message, consumer, host, complain),
  };
}

function keySharedOf({ keySharedPolicy = {} }: ConsumerConfig): KeySharedPolicy {
  const { keyShareMode, allowOutOfOrderDelivery = false, stickyRanges = [] } = keySharedPolicy;
  if (keyShareMode !== 'Sticky') return { mode: 'auto-split', allowOutOfOrderDelivery };
  const ranges = stickyRanges.map(({ start, end }) => [start, end] as const);
  return { mode: 'sticky', ranges, allowOutOfOrderDelivery };
}

export type Complain = (text: string) => void;

async function called(listener: Listener, message: Message, consumer: Consumer, host: Host, complain: Complain) {
  try {
    await host.run(async () => listener(message, consumer));
  } catch (thrown) {
    complain(
      `Message listener error in processing message: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

/** The message keeps its key and properties and loses its event timestamp. */
function deadLettersOf(
  { deadLetterPolicy, subscription }: ConsumerConfig,
  topic: string,
  cluster: Cluster,
  host: Host,
): ConsumerSettings['deadLetters'] {
  if (deadLetterPolicy === undefined) return null;
  const { deadLetterTopic, maxRedeliverCount = 0 } = deadLetterPolicy;
  const target = deadLetterTopic ?? `${topic}-${subscription}-DLQ`;
  return {
    redeliveryCountMax: maxRedeliverCount,
    async send(delivery) {
      const producer = await Producer.open({ topic: target }, cluster, host);
      const data = Buffer.from(delivery.payload);
      await producer.send({ data, properties: propertiesOf(delivery), partitionKey: delivery.key });
      await producer.close();
    },
  };
}
