/**
 * The producing client as a state machine: it numbers what it sends, keeps it until the broker has it, and sends it again, in
 * order, over the next connection (pulsar-semantics 5.2, 5.5). So an outage keeps the order and may double what was stored
 * without an answer, which deduplication absorbs. Source: ProducerImpl of Pulsar's clients.
 */
import { unreachable } from '../model/invariant';
import type { OutgoingMessage } from '../model/message';
import type { AccessMode } from '../model/producer';
import type { BrokerRequest } from './broker-input';
import type { ProducerRefusal } from './topic-producers';

export interface ProducerSettings {
  /** Chosen by the client, unique among all producers that ever lived. It keeps it when it connects again. */
  readonly producerId: number;
  readonly topic: string;
  readonly producerName: string;
  readonly accessMode: AccessMode;
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
  /** What the broker has not answered, oldest first. */
  readonly pending: Extract<BrokerRequest, { kind: 'publish' }>[];
}

export type ProducerInput =
  | { readonly kind: 'open' }
  | { readonly kind: 'created'; readonly epochs: ReadonlyMap<number, number>; readonly lastSequenceId: number }
  | { readonly kind: 'refused'; readonly refusal: ProducerRefusal }
  /** The connection is gone, or the broker does not know the producer any more. */
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'send'; readonly message: OutgoingMessage }
  /** The oldest message is stored. */
  | { readonly kind: 'stored'; readonly messageId: string }
  | { readonly kind: 'close' };

export type ProducerAction =
  | { readonly kind: 'request'; readonly request: BrokerRequest }
  /** It is connected for the first time. */
  | { readonly kind: 'opened' }
  /** It will never be: nobody will hear of it again. */
  | { readonly kind: 'failed'; readonly refusal: ProducerRefusal }
  /** Answers the send that has waited longest. */
  | { readonly kind: 'sent'; readonly messageId: string }
  /** All that was under way: nobody knows whether it is stored. */
  | { readonly kind: 'lost'; readonly refusal: ProducerRefusal }
  /** `open`, a little later. */
  | { readonly kind: 'open-later' };

export function createProducerClient(settings: ProducerSettings): ProducerClient {
  return { settings, life: 'opening', wasConnected: false, epochs: new Map(), nextSequenceId: 0, pending: [] };
}

/** Applies one input and returns what the shell must do, in order. */
export function stepProducer(state: ProducerClient, input: ProducerInput): ProducerAction[] {
  switch (input.kind) {
    case 'open':
      return open(state);
    case 'created':
      return connect(state, input.epochs, input.lastSequenceId);
    case 'refused':
      return refuse(state, input.refusal);
    case 'disconnected':
      return disconnect(state);
    case 'send':
      return send(state, input.message);
    case 'stored':
      state.pending.shift();
      return [{ kind: 'sent', messageId: input.messageId }];
    case 'close':
      return close(state);
    default:
      return unreachable(input, 'producer input');
  }
}

function open({ life, settings, epochs }: ProducerClient): ProducerAction[] {
  if (life !== 'opening' && life !== 'disconnected') return [];
  return [{ kind: 'request', request: { kind: 'create-producer', ...settings, epochs } }];
}

/** Numbers go on where the broker stands, unless this producer has counted already. */
function connect(state: ProducerClient, epochs: ProducerClient['epochs'], lastSequenceId: number): ProducerAction[] {
  if (state.life !== 'opening' && state.life !== 'disconnected') return [];
  const isFirst = !state.wasConnected;
  state.life = 'connected';
  state.wasConnected = true;
  if (state.settings.accessMode !== 'shared') state.epochs = epochs;
  if (isFirst) state.nextSequenceId = lastSequenceId + 1;
  const again = state.pending.map((request) => ({ kind: 'request', request }) as const);
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
  return [{ kind: 'lost', refusal }];
}

function disconnect(state: ProducerClient): ProducerAction[] {
  if (state.life !== 'opening' && state.life !== 'connected') return [];
  if (state.life === 'connected') state.life = 'disconnected';
  return [{ kind: 'open-later' }];
}

function send(state: ProducerClient, { sequenceId = state.nextSequenceId, ...message }: OutgoingMessage) {
  const { topic, producerId, producerName } = state.settings;
  const request = { kind: 'publish', topic, producerId, message, origin: { producerName, sequenceId } } as const;
  state.nextSequenceId = Math.max(state.nextSequenceId, sequenceId + 1);
  state.pending.push(request);
  return state.life === 'connected' ? [{ kind: 'request', request } as const] : [];
}

function close(state: ProducerClient): ProducerAction[] {
  const { producerId } = state.settings;
  state.life = 'closed';
  state.pending.length = 0;
  return [{ kind: 'request', request: { kind: 'leave-producer', producerId } }];
}
