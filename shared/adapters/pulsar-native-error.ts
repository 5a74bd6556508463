/**
 * Errors of the native client: plain Errors without a code, whose text ends in the name of a result (`Failed to send
 * message: TimeOut`). This is the one table that reads them. The client logs the reason and does not tell it, so the
 * latest warning is quoted where it is fresh. Source: Result.cc of the C++ client.
 */
import { causeText, type ErrorCode, OrderlabError } from '../errors';
import { complaintSince } from './pulsar-native-library';

/** What a result says about the request that met it. */
type Meaning =
  | 'busy'
  | 'producer-busy'
  | 'fenced'
  | 'no-topic'
  | 'no-subscription'
  | 'refused'
  | 'unreachable'
  | 'late'
  | 'broken';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ConsumerBusy: 'busy',
  ProducerBusy: 'producer-busy',
  ResultProducerFenced: 'fenced',
  ResultConsumerAssignError: 'refused',
  ResultNotAllowedError: 'refused',
  TopicNotFound: 'no-topic',
  SubscriptionNotFound: 'no-subscription',
  InvalidTopicName: 'refused',
  InvalidConfiguration: 'refused',
  InvalidUrl: 'refused',
  InvalidMessage: 'refused',
  MessageTooBig: 'refused',
  TopicTerminated: 'refused',
  ProducerQueueIsFull: 'refused',
  ResultMemoryBufferIsFull: 'refused',
  ProducerBlockedQuotaExceededError: 'refused',
  ProducerBlockedQuotaExceededException: 'refused',
  IncompatibleSchema: 'refused',
  OperationNotSupported: 'refused',
  UnsupportedVersionError: 'refused',
  AuthenticationError: 'refused',
  AuthorizationError: 'refused',
  ErrorGettingAuthenticationData: 'refused',
  ConnectError: 'unreachable',
  LookupError: 'unreachable',
  BrokerMetadataError: 'unreachable',
  ServiceUnitNotReady: 'unreachable',
  TooManyLookupRequestException: 'unreachable',
  TimeOut: 'late',
};

/** A request that failed. */
export interface NativeRequest {
  /** What was attempted: `producer p of t`. */
  readonly what: string;
  /** The broker's address. */
  readonly url: string;
  /** When it began, performance.now(): older warnings are about something else. */
  readonly sinceMs: number;
  /** Milliseconds that the client was given for it. */
  readonly deadlineMs: number;
  readonly topic: string;
  readonly subscription?: string;
}

/** The name of the result at the end of the text; the text itself where there is none. */
export function resultOf(thrown: unknown): string {
  const text = causeText(thrown);
  return /: (\w+)$/.exec(text)?.[1] ?? text;
}

/** Opening failed: nothing came of it, whatever the reason. */
export function openingError(thrown: unknown, request: NativeRequest): OrderlabError {
  const result = resultOf(thrown);
  const { what, url, topic, subscription = '' } = request;
  const cause = withReason(result, request);
  switch (MEANINGS[result]) {
    case 'busy':
      return new OrderlabError('CONSUMER_BUSY', { problem: `${what}: ${cause}` }, thrown);
    case 'producer-busy':
    case 'fenced':
      return new OrderlabError('PRODUCER_BUSY', { problem: `${what}: ${cause}` }, thrown);
    case 'no-topic':
      return new OrderlabError('TOPIC_NOT_FOUND', { topic }, thrown);
    case 'no-subscription':
      return new OrderlabError('SUBSCRIPTION_NOT_FOUND', { subscription, topic }, thrown);
    case 'refused':
      return new OrderlabError('BROKER_REFUSED', { what, url, cause }, thrown);
    default:
      return new OrderlabError('BROKER_UNREACHABLE', { what, url, cause }, thrown);
  }
}

/**
 * A send or an acknowledgement failed. Unless the client or the broker refused it, it may have been stored: a time-out
 * and a close fail what is under way although the broker may have it.
 */
export function outcomeError(thrown: unknown, request: NativeRequest): OrderlabError {
  const result = resultOf(thrown);
  const { what, url, deadlineMs, topic } = request;
  const cause = withReason(result, request);
  const meaning = MEANINGS[result];
  if (meaning === 'late') return new OrderlabError('DEADLINE_EXCEEDED', { what, deadlineMs }, thrown);
  if (meaning === 'fenced') return new OrderlabError('PRODUCER_FENCED', { problem: `${what}: ${cause}` }, thrown);
  if (meaning === 'no-topic') return new OrderlabError('TOPIC_NOT_FOUND', { topic }, thrown);
  const code: ErrorCode = meaning === 'refused' ? 'BROKER_REFUSED' : 'CONNECTION_LOST';
  return new OrderlabError(code, { what, url, cause }, thrown);
}

function withReason(result: string, { sinceMs, deadlineMs }: NativeRequest): string {
  const reason = complaintSince(sinceMs);
  const text = MEANINGS[result] === 'late' ? `no answer within ${deadlineMs} ms` : result;
  return reason === null ? text : `${text}; the client says: ${reason}`;
}
