/**
 * Handshake: what the address of a WebSocket asks for. Statuses and sentences of a refused one are those of 4.2.4; what
 * Pulsar would do and this broker does not is refused by name, except for what changes nothing here (compression, time-outs
 * of a send that never waits).
 */
import { decodeMessageId, type PulsarMessageId } from '../../shared/adapters/pulsar-message-id';
import { RECEIVER_QUEUE_SIZE_MAX } from '../../shared/config';
import { PULSAR_SPELLING, SUBSCRIPTION_TYPES, type SubscriptionType } from '../../shared/model/subscription';
import { BAD_REQUEST, INTERNAL_ERROR, NOT_FOUND, notServed, RefusedError } from './refusal';

interface AtTopic {
  /** `tenant/namespace`. */
  readonly namespace: string;
  /** Without tenant and namespace. */
  readonly topic: string;
}

/** Which hash of a key chooses the partition. */
export type HashingScheme = 'JavaStringHash' | 'Murmur3_32Hash';

export interface ProducerHandshake extends AtTopic {
  readonly kind: 'producer';
  /** Null: the broker chooses one. */
  readonly producerName: string | null;
  readonly hashingScheme: HashingScheme;
  /** Messages without a key go round the partitions; else all of them to one. */
  readonly isRoundRobin: boolean;
}

export interface ConsumerHandshake extends AtTopic {
  readonly kind: 'consumer';
  readonly subscription: string;
  readonly type: SubscriptionType;
  /** Null: the broker chooses one. */
  readonly consumerName: string | null;
  readonly receiverQueueSize: number;
  readonly isPull: boolean;
  /** Where a subscription begins that is not there yet. */
  readonly from: 'earliest' | 'latest';
  readonly negativeAckDelayMs: number;
  /** From a push to its redelivery when it was not acknowledged; 0: never. */
  readonly ackTimeoutMs: number;
  readonly priorityLevel: number;
  /** Null: messages come again for ever. */
  readonly maxRedeliverCount: number | null;
  /** Null: the one that Pulsar names after topic and subscription. */
  readonly deadLetterTopic: string | null;
}

export interface ReaderHandshake extends AtTopic {
  readonly kind: 'reader';
  readonly readerName: string | null;
  readonly receiverQueueSize: number;
  /** An id: behind that message. */
  readonly from: 'earliest' | 'latest' | PulsarMessageId;
}

export type Handshake = ProducerHandshake | ConsumerHandshake | ReaderHandshake;

/** Of Pulsar's Java client, which its WebSocket service uses. */
const NEGATIVE_ACK_DELAY_MS = 60_000;
const ACK_TIMEOUT_MS_MIN = 1_000;
const INTEGER_MAX = 2 ** 31 - 1;
const COMPRESSIONS = ['NONE', 'LZ4', 'ZLIB', 'ZSTD', 'SNAPPY'];

/** `path` with its query, as the request line has it. Throws RefusedError. */
export function readHandshake(path: string): Handshake {
  const url = urlOf(path);
  const [empty, ws, version, kind, domain, ...rest] = url.pathname.split('/').map(decode);
  if (empty !== '' || ws !== 'ws') throw new RefusedError(NOT_FOUND, 'Not Found');
  if (version !== 'v2') throw version === 'v3' ? notServed('a consumer of several topics (v3)') : notFound();
  if (domain === 'non-persistent') throw notServed('a non-persistent topic');
  if (domain !== 'persistent') throw notFound();
  switch (kind) {
    case 'producer':
      return readProducer(placeOf(rest, 3, INTERNAL_ERROR), url.searchParams);
    case 'consumer':
      return readConsumer(placeOf(rest, 4, BAD_REQUEST), rest[3] ?? '', url.searchParams);
    case 'reader':
      return readReader(placeOf(rest, 3, INTERNAL_ERROR), url.searchParams);
    default:
      throw notFound();
  }
}

function urlOf(path: string): URL {
  try {
    return new URL(path, 'http://broker');
  } catch {
    throw new RefusedError(BAD_REQUEST, 'Bad WebSocket UpgradeRequest');
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RefusedError(BAD_REQUEST, 'Bad WebSocket UpgradeRequest');
  }
}

function notFound(): RefusedError {
  return new RefusedError(NOT_FOUND, 'Not Found');
}

function placeOf(parts: readonly string[], partCount: number, status: number): AtTopic {
  const [tenant = '', namespace = '', topic = ''] = parts;
  if (parts.length !== partCount || [tenant, namespace, topic].includes('')) {
    const problem = 'Invalid topic name format';
    throw new RefusedError(status, status === BAD_REQUEST ? `Invalid query params: ${problem}` : problem);
  }
  return { namespace: `${tenant}/${namespace}`, topic };
}

function readProducer(place: AtTopic, query: URLSearchParams): ProducerHandshake {
  if (query.has('initialSequenceId')) throw notServed('deduplication (initialSequenceId)');
  if (query.get('batchingEnabled') === 'true') throw notServed('batching');
  wholeOf(query, 'sendTimeoutMillis', 0, 0, 'sendTimeout');
  const compression = query.get('compressionType') ?? 'NONE';
  if (!COMPRESSIONS.includes(compression)) throw invalid(`Invalid compressionType ${compression}`);
  const routing = query.get('messageRoutingMode') ?? 'SinglePartition';
  if (routing !== 'SinglePartition' && routing !== 'RoundRobinPartition') {
    throw invalid(`Invalid messageRoutingMode ${routing}`);
  }
  return {
    ...{ kind: 'producer', ...place, producerName: query.get('producerName') },
    ...{ hashingScheme: hashingSchemeOf(query), isRoundRobin: routing === 'RoundRobinPartition' },
  };
}

function hashingSchemeOf(query: URLSearchParams): HashingScheme {
  const scheme = query.get('hashingScheme') ?? 'JavaStringHash';
  if (scheme === 'JavaStringHash' || scheme === 'Murmur3_32Hash') return scheme;
  throw invalid(`No enum constant org.apache.pulsar.client.api.HashingScheme.${scheme}`);
}

function readConsumer(place: AtTopic, subscription: string, query: URLSearchParams): ConsumerHandshake {
  if (subscription === '') throw invalid('Empty subscription name');
  const ackTimeoutMs = wholeOf(query, 'ackTimeoutMillis', 0, -INTEGER_MAX);
  if (ackTimeoutMs !== 0 && ackTimeoutMs < ACK_TIMEOUT_MS_MIN) {
    throw invalid(`Ack timeout should be greater than ${ACK_TIMEOUT_MS_MIN} ms`);
  }
  const name = query.get('subscriptionType') ?? 'Exclusive';
  const type = SUBSCRIPTION_TYPES.find((each) => PULSAR_SPELLING[each] === name);
  if (type === undefined) throw invalid(`Invalid subscriptionType ${name}`);
  const mode = query.get('subscriptionMode') ?? 'Durable';
  if (mode !== 'Durable' && mode !== 'NonDurable') throw invalid(`Invalid subscriptionMode ${mode}`);
  if (mode === 'NonDurable') throw notServed('a subscription that is not durable');
  return {
    ...{ kind: 'consumer', ...place, subscription, type, consumerName: query.get('consumerName') },
    receiverQueueSize: queueSizeOf(query),
    isPull: query.get('pullMode') === 'true',
    from: positionOf(query.get('subscriptionInitialPosition') ?? 'Latest'),
    negativeAckDelayMs: wholeOf(query, 'negativeAckRedeliveryDelay', NEGATIVE_ACK_DELAY_MS, 0, 'redeliveryDelay'),
    ...{ ackTimeoutMs, priorityLevel: wholeOf(query, 'priorityLevel', 0, 0) },
    ...deadLetterOf(query),
  };
}

function positionOf(name: string): 'earliest' | 'latest' {
  if (name === 'Earliest') return 'earliest';
  if (name === 'Latest') return 'latest';
  throw invalid(`Invalid subscriptionInitialPosition ${name}`);
}

function readReader(place: AtTopic, query: URLSearchParams): ReaderHandshake {
  const from = query.get('messageId') ?? 'latest';
  const id = from === 'earliest' || from === 'latest' ? from : decodeMessageId(from);
  if (id === null) throw invalid('Invalid messageId value');
  const readerName = query.get('readerName');
  return { kind: 'reader', ...place, readerName, receiverQueueSize: queueSizeOf(query), from: id };
}

function queueSizeOf(query: URLSearchParams): number {
  const size = wholeOf(query, 'receiverQueueSize', RECEIVER_QUEUE_SIZE_MAX, 0);
  return Math.min(size, RECEIVER_QUEUE_SIZE_MAX);
}

/** As Java reads an int. */
function wholeOf(query: URLSearchParams, name: string, preset: number, min: number, shown = name): number {
  const text = query.get(name);
  if (text === null) return preset;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) > INTEGER_MAX) throw invalid(`For input string: "${text}"`);
  if (value < min) throw invalid(`${shown} needs to be >= ${min}`);
  return value;
}

function deadLetterOf(query: URLSearchParams): Pick<ConsumerHandshake, 'maxRedeliverCount' | 'deadLetterTopic'> {
  const deadLetterTopic = query.get('deadLetterTopic');
  if (deadLetterTopic === null && !query.has('maxRedeliverCount')) return { maxRedeliverCount: null, deadLetterTopic };
  const maxRedeliverCount = wholeOf(query, 'maxRedeliverCount', 0, -INTEGER_MAX);
  if (maxRedeliverCount > 0) return { maxRedeliverCount, deadLetterTopic };
  throw invalid('MaxRedeliverCount must be > 0.');
}

function invalid(problem: string): RefusedError {
  return new RefusedError(BAD_REQUEST, `Invalid query params: ${problem}`);
}
