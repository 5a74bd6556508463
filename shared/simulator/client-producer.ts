/**
 * The producing client as a state machine: it numbers what it sends, keeps it until the broker has it, and sends it again, in
 * order, over the next connection (pulsar-semantics 5.2, 5.5). So an outage keeps the order and may double what was stored
 * without an answer, which deduplication absorbs. Source: ProducerImpl of Pulsar's clients.
 */
import { unreachable } from '../model/invariant';
import type { OutgoingMessage } from '../model/message';
import type { AccessMode, Batching } from '../model/producer';
import type { BrokerRequest } from './broker-input';
import { isDuplicateId } from './deduplication';
import { murmurHash } from './murmur-hash';
import { partitionOf } from './partition-routing';
import type { ProducerRefusal } from './topic-producers';

export interface ProducerSettings {
  /** Chosen by the client, unique among all producers that ever lived. It keeps it when it connects again. */
  readonly producerId: number;
  readonly topic: string;
  readonly producerName: string;
  readonly accessMode: AccessMode;
  /** Null: each message is an entry of its own. */
  readonly batching: Batching | null;
}

/** Fenced and closed are for ever. */
type ProducerLife = 'opening' | 'connected' | 'disconnected' | 'fenced' | 'closed';

export interface ProducerClient {
  readonly settings: ProducerSettings;
  life: ProducerLife;
  /** Whether it was connected before: only then does it try again. */
  wasConnected: boolean;
  /** Partition → the epoch under which it owned the topic. It shows them when it comes back. */
  epochs: ReadonlyMap<number, number>;
  nextSequenceId: number;
  /** 0: a plain topic. */
  partitionCount: number;
  /** Messages that wait for others to be sent with. */
  readonly gathered: Gathered[];
  /** How often they were sent: a timer of an earlier gathering means nothing. */
  flushCount: number;
  /** What the broker has not answered, oldest first. */
  readonly pending: PendingEntry[];
}

interface Gathered {
  readonly ticket: number;
  readonly message: OutgoingMessage;
  readonly sequenceId: number;
}

interface PendingEntry {
  readonly request: Extract<BrokerRequest, { kind: 'publish' | 'publish-batch' }>;
  /** One for each of its messages. */
  readonly tickets: readonly number[];
}

export type ProducerInput =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'created';
      readonly epochs: ReadonlyMap<number, number>;
      readonly lastSequenceId: number;
      readonly partitionCount: number;
    }
  | { readonly kind: 'refused'; readonly refusal: ProducerRefusal }
  /** The connection is gone, or the broker does not know the producer any more. */
  | { readonly kind: 'disconnected' }
  /** The ticket comes back with the answer. */
  | { readonly kind: 'send'; readonly ticket: number; readonly message: OutgoingMessage }
  /** What was gathered has waited long enough. */
  | { readonly kind: 'flush'; readonly flushCount: number }
  /** The oldest entry is stored. */
  | { readonly kind: 'stored'; readonly messageId: string }
  | { readonly kind: 'close' };

export type ProducerAction =
  | { readonly kind: 'request'; readonly request: BrokerRequest }
  /** It is connected for the first time. */
  | { readonly kind: 'opened' }
  /** It will never be: nobody will hear of it again. */
  | { readonly kind: 'failed'; readonly refusal: ProducerRefusal }
  /** Answers the send of that ticket. */
  | { readonly kind: 'sent'; readonly ticket: number; readonly messageId: string }
  /** `flush`, after that many milliseconds. */
  | { readonly kind: 'flush-later'; readonly ms: number; readonly flushCount: number }
  /** All that was under way or gathered: nobody knows whether it is stored. */
  | { readonly kind: 'lost'; readonly refusal: ProducerRefusal }
  /** `open`, a little later. */
  | { readonly kind: 'open-later' };

export function createProducerClient(settings: ProducerSettings): ProducerClient {
  const start = { life: 'opening', wasConnected: false, epochs: new Map(), nextSequenceId: 0 } as const;
  return { settings, ...start, partitionCount: 0, gathered: [], flushCount: 0, pending: [] };
}

/** Applies one input and returns what the shell must do, in order. */
export function stepProducer(state: ProducerClient, input: ProducerInput): ProducerAction[] {
  switch (input.kind) {
    case 'open':
      return open(state);
    case 'created':
      return connect(state, input);
    case 'refused':
      return refuse(state, input.refusal);
    case 'disconnected':
      return disconnect(state);
    case 'send':
      return send(state, input);
    case 'flush':
      return input.flushCount === state.flushCount ? flush(state) : [];
    case 'stored':
      return stored(state, input.messageId);
    case 'close':
      return close(state);
    default:
      return unreachable(input, 'producer input');
  }
}

function open({ life, settings, epochs }: ProducerClient): ProducerAction[] {
  if (life !== 'opening' && life !== 'disconnected') return [];
  const { batching: _batching, ...asked } = settings;
  return [{ kind: 'request', request: { kind: 'create-producer', ...asked, epochs } }];
}

/** Numbers go on where the broker stands, unless this producer has counted already. */
function connect(state: ProducerClient, created: Extract<ProducerInput, { kind: 'created' }>): ProducerAction[] {
  if (state.life !== 'opening' && state.life !== 'disconnected') return [];
  const isFirst = !state.wasConnected;
  state.life = 'connected';
  state.wasConnected = true;
  state.partitionCount = created.partitionCount;
  if (state.settings.accessMode !== 'shared') state.epochs = created.epochs;
  if (isFirst) state.nextSequenceId = created.lastSequenceId + 1;
  const again = state.pending.map(({ request }) => ({ kind: 'request', request }) as const);
  return [...(isFirst ? [{ kind: 'opened' } as const] : []), ...again];
}

/** A topic that is busy may be free a little later; one that was fenced once never is. */
function refuse(state: ProducerClient, refusal: ProducerRefusal): ProducerAction[] {
  if (!state.wasConnected) {
    state.life = 'closed';
    return [{ kind: 'failed', refusal }];
  }
  if (refusal.code === 'PRODUCER_BUSY') return [{ kind: 'open-later' }];
  state.life = 'fenced';
  state.pending.length = 0;
  state.gathered.length = 0;
  return [{ kind: 'lost', refusal }];
}

function disconnect(state: ProducerClient): ProducerAction[] {
  if (state.life !== 'opening' && state.life !== 'connected') return [];
  if (state.life === 'connected') state.life = 'disconnected';
  return [{ kind: 'open-later' }];
}

function send(state: ProducerClient, { ticket, message }: Extract<ProducerInput, { kind: 'send' }>): ProducerAction[] {
  const { sequenceId = state.nextSequenceId, ...bare } = message;
  state.nextSequenceId = Math.max(state.nextSequenceId, sequenceId + 1);
  const { batching } = state.settings;
  const gathered = { ticket, message: bare, sequenceId };
  if (batching === null) return dispatch(state, [gathered]);
  state.gathered.push(gathered);
  if (state.gathered.length >= batching.maxMessages) return flush(state);
  if (state.gathered.length > 1) return [];
  return [{ kind: 'flush-later', ms: batching.maxPublishDelayMs, flushCount: state.flushCount }];
}

/** A batch per partition, or per key, in the order of their first messages. */
function flush(state: ProducerClient): ProducerAction[] {
  state.flushCount += 1;
  const isKeyBased = state.settings.batching?.type === 'key-based';
  const batches = new Map<string | number, [Gathered, ...Gathered[]]>();
  for (const gathered of state.gathered.splice(0)) {
    const { key } = gathered.message;
    const group = isKeyBased ? key : partitionFor(state, key);
    const batch = batches.get(group);
    if (batch === undefined) batches.set(group, [gathered]);
    else batch.push(gathered);
  }
  return [...batches.values()].flatMap((batch) => dispatch(state, batch));
}

/** One entry. Alone, a message is not called a batch. */
function dispatch(state: ProducerClient, batch: readonly [Gathered, ...Gathered[]]): ProducerAction[] {
  const { topic, producerId, producerName } = state.settings;
  const [{ message, sequenceId }, ...others] = batch;
  const place = { topic, producerId, origin: { producerName, sequenceId } };
  const request: PendingEntry['request'] =
    others.length === 0
      ? { kind: 'publish', ...place, message }
      : {
          ...{ kind: 'publish-batch', ...place, partition: partitionFor(state, message.key) },
          messages: [message, ...others.map((other) => other.message)],
        };
  state.pending.push({ request, tickets: batch.map(({ ticket }) => ticket) });
  return state.life === 'connected' ? [{ kind: 'request', request }] : [];
}

function partitionFor({ partitionCount }: ProducerClient, key: string): number {
  return partitionOf(murmurHash(key), partitionCount);
}

/** Messages of a batch have its id with their index behind it, unless the broker dropped it: then all have the same. */
function stored(state: ProducerClient, messageId: string): ProducerAction[] {
  const tickets = state.pending.shift()?.tickets ?? [];
  const isOne = tickets.length === 1 || isDuplicateId(messageId);
  return tickets.map((ticket, index) => ({
    ...{ kind: 'sent', ticket, messageId: isOne ? messageId : `${messageId}:${index}` },
  }));
}

function close(state: ProducerClient): ProducerAction[] {
  const { producerId } = state.settings;
  state.life = 'closed';
  state.pending.length = 0;
  state.gathered.length = 0;
  return [{ kind: 'request', request: { kind: 'leave-producer', producerId } }];
}
