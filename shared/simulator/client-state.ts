/** What a consuming client knows: plain data, as the broker's state is. */
import { invariant } from '../model/invariant';
import type { Delivery } from '../model/message';
import type { SubscriptionType } from '../model/subscription';
import { type AckTimeout, createAckTimeout } from './ack-timeout';
import type { LogName } from './broker-action';
import type { BrokerRequest } from './broker-input';
import type { DeadLetterPolicy } from './dead-letter';

export interface ClientSettings {
  readonly consumerId: number;
  readonly type: SubscriptionType;
  /** Messages that may wait here per partition. 0: one is asked for per receive. */
  readonly receiverQueueSize: number;
  /** From a negative acknowledgement to the redeliver request, milliseconds. */
  readonly negativeAckDelayMs: number;
  /** How long the application may hold a message before it is given back, milliseconds; default 0: as long as it likes. */
  readonly ackTimeoutMs?: number;
  /** How often the client looks for such messages. Default: Pulsar's second. */
  readonly ackTimeoutTickMs?: number;
  /**
   * Whether acknowledgements of messages of a batch are sent one by one, default true as over Pulsar's WebSocket API; false, as
   * in the C++ and Node clients: the last one of the batch acknowledges its entry. Pulsar: batchIndexAckEnabled.
   */
  readonly batchIndexAckEnabled?: boolean;
  /** Default null: messages come again for ever. Shared and Key_Shared only. */
  readonly deadLetter?: DeadLetterPolicy | null;
}

/** Of Pulsar's clients, milliseconds. */
export const ACK_TIMEOUT_TICK_MS = 1000;

/** One partition that the consumer listens to. */
export interface Receiver extends LogName {
  /** Messages taken by the application since the last flow. */
  takenCount: number;
  /** Negatively acknowledged position → when the broker is told. */
  readonly negativeAcks: Map<number, number>;
  /** When the broker is told of the latest group of them; null: there was none. */
  groupDueMs: number | null;
}

export interface ClientState {
  readonly settings: ClientSettings;
  readonly receivers: readonly Receiver[];
  /** Messages that the application has not taken, in order of arrival over all partitions. */
  readonly queue: Delivery[];
  readonly ackTimeout: AckTimeout;
  /** `position:partition` of an entry → what goes to the dead letter topic when it is given back once more. */
  readonly deadLetters: Map<string, readonly Delivery[]>;
  /** The same of a batch that arrived → how many messages came, and the indexes of those that are acknowledged. */
  readonly batches: Map<string, { readonly count: number; readonly acknowledged: Set<number> }>;
  /** Acknowledgements that are sent when the client is connected again. */
  readonly unsentAcks: BrokerRequest[];
  isConnected: boolean;
  /** Receive calls that wait for a message. */
  waitingCount: number;
}

export type ClientAction =
  /** Answers the receive call that has waited longest. */
  | { readonly kind: 'hand-over'; readonly delivery: Delivery }
  | { readonly kind: 'send'; readonly request: BrokerRequest }
  | { readonly kind: 'wake-at'; readonly atMs: number };

/** A client that is not connected yet. `openedAtMs` counts the ticks of its timers. */
export function createClient(settings: ClientSettings, logs: readonly LogName[], openedAtMs: number): ClientState {
  const receivers = logs.map((log) => ({ ...log, takenCount: 0, negativeAcks: new Map(), groupDueMs: null }));
  const { ackTimeoutMs = 0, ackTimeoutTickMs = ACK_TIMEOUT_TICK_MS } = settings;
  const ackTimeout = createAckTimeout(ackTimeoutMs, ackTimeoutTickMs, openedAtMs);
  const empty = {
    queue: [],
    deadLetters: new Map(),
    batches: new Map(),
    unsentAcks: [],
    isConnected: false,
    waitingCount: 0,
  };
  return { settings, receivers, ackTimeout, ...empty };
}

export function receiverAt({ receivers }: ClientState, partition: number): Receiver {
  const receiver = receivers.length === 1 ? receivers[0] : receivers[Math.max(partition, 0)];
  invariant(receiver?.partition === partition, 'messages come from partitions that the consumer listens to');
  return receiver;
}

type PartitionRequest = Extract<BrokerRequest, { consumerId: number; partition: number }>;
type WithoutConsumer<T> = T extends PartitionRequest ? Omit<T, 'consumerId'> : never;

/**
 * While there is no connection acknowledgements wait; requests for room and for redelivery mean nothing to the next one,
 * which begins anew.
 */
export function send(state: ClientState, request: WithoutConsumer<PartitionRequest>): ClientAction[] {
  const whole: BrokerRequest = { ...request, consumerId: state.settings.consumerId };
  if (state.isConnected) return [{ kind: 'send', request: whole }];
  if (request.kind === 'ack' || request.kind === 'ack-cumulative') state.unsentAcks.push(whole);
  return [];
}

/** Entry number in `ledger:entry:partition`: the position in its log. */
export function positionIn(messageId: string): number {
  return Number(messageId.split(':', 2)[1]);
}

/** Index in its batch: the fourth part of the id; undefined: it is no member of one. */
export function batchIndexIn(messageId: string): number | undefined {
  const index = messageId.split(':')[3];
  return index === undefined ? undefined : Number(index);
}

export function placeOf(partition: number, position: number): string {
  return `${position}:${partition}`;
}
