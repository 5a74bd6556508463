/**
 * Producers of one log: who may write, and since which epoch (PIP-68, pulsar-semantics 5.3). Each exclusive owner gets a
 * higher epoch, and one that comes back with a lower one than the topic's is fenced: another owner was there in between.
 * Source: AbstractTopic.incrementTopicEpochIfNeeded, handleProducerRemoved; the promotion of who waits as 4.2.4 did it.
 */
import type { AccessMode } from '../model/producer';

export interface ProducerState {
  readonly id: number;
  readonly name: string;
  readonly accessMode: AccessMode;
}

/** Asks to be admitted. */
export interface Newcomer extends ProducerState {
  /** Under which it owned the topic before; null: it comes for the first time, or shares. */
  readonly epoch: number | null;
}

export interface TopicProducers {
  /** By id. One that is not shared is alone. */
  readonly connected: Map<number, ProducerState>;
  /** Until they are alone, in the order in which they came. */
  readonly waiting: Newcomer[];
  /** Of the latest exclusive owner; null: there was none. No outage forgets it. */
  epoch: number | null;
}

export function createTopicProducers(): TopicProducers {
  return { connected: new Map(), waiting: [], epoch: null };
}

export interface ProducerRefusal {
  readonly code: 'PRODUCER_BUSY' | 'PRODUCER_FENCED';
  readonly problem: string;
}

export type ProducerAdmission =
  | { readonly kind: 'admitted' | 'waits' }
  | { readonly kind: 'refused'; readonly refusal: ProducerRefusal };

/** Who was cut off by a newcomer. `waiters` are told at once; the others find out when they send. */
export interface FencedOut {
  readonly waiters: readonly number[];
}

/**
 * One that fences cuts the others off even if it is refused itself: a former owner that comes back with an old epoch disturbs
 * the present one, which then has to connect again. So did 4.2.4.
 */
export function fenceOut(producers: TopicProducers, { accessMode }: Newcomer): FencedOut {
  if (accessMode !== 'exclusive-with-fencing' || producers.connected.size === 0) return { waiters: [] };
  producers.connected.clear();
  return { waiters: producers.waiting.splice(0).map(({ id }) => id) };
}

export function admitProducer(producers: TopicProducers, newcomer: Newcomer, topic: string): ProducerAdmission {
  const refusal = refusalOf(producers, newcomer);
  if (refusal !== null) return { kind: 'refused', refusal };
  if (newcomer.accessMode === 'wait-for-exclusive' && producers.connected.size > 0) {
    producers.waiting.push(newcomer);
    return { kind: 'waits' };
  }
  const isThere = [...producers.connected.values()].some(({ name }) => name === newcomer.name);
  if (isThere) {
    const problem = `Producer with name '${newcomer.name}' is already connected to topic '${topic}'`;
    return { kind: 'refused', refusal: { code: 'PRODUCER_BUSY', problem } };
  }
  connect(producers, newcomer);
  return { kind: 'admitted' };
}

/** In Pulsar's own sentences. */
function refusalOf(producers: TopicProducers, { accessMode, epoch }: Newcomer): ProducerRefusal | null {
  const { connected, waiting } = producers;
  const isTaken = ownerOf(producers) !== undefined || waiting.length > 0;
  const problem = `Topic has an existing exclusive producer: ${ownerOf(producers)?.name ?? null}`;
  if (accessMode === 'shared') return isTaken ? { code: 'PRODUCER_BUSY', problem } : null;
  if (accessMode === 'exclusive' && isTaken) return { code: 'PRODUCER_FENCED', problem };
  if (accessMode === 'exclusive' && connected.size > 0) {
    return { code: 'PRODUCER_FENCED', problem: 'Topic has existing shared producers' };
  }
  // 1. An owner of epoch 0 waited for its turn, and its connection breaks. 2. Another one waited: epoch 1. 3. The former owner
  // comes back, waits with its old epoch, and nobody asks for it. 4. The other leaves: the topic is back at epoch 0, and what
  // the former owner had under way is stored behind the other's. So did 4.2.4: behind a wait the epoch is no fencing token.
  if (connected.size > 0 || epoch === null || producers.epoch === null || epoch >= producers.epoch) return null;
  const moved = `Topic epoch has already moved. Current epoch: ${producers.epoch}, Producer epoch: ${epoch}`;
  return { code: 'PRODUCER_FENCED', problem: moved };
}

function ownerOf({ connected }: TopicProducers): ProducerState | undefined {
  return [...connected.values()].find(({ accessMode }) => accessMode !== 'shared');
}

function connect(producers: TopicProducers, { id, name, accessMode, epoch }: Newcomer): void {
  producers.connected.set(id, { id, name, accessMode });
  if (accessMode !== 'shared') producers.epoch = epoch ?? (producers.epoch ?? -1) + 1;
}

/**
 * A producer left, connected or waiting. Returns who owns the topic in its place; null: nobody new. Who waits behind shared
 * producers comes when the last of them is gone.
 */
export function removeProducer(producers: TopicProducers, id: number): number | null {
  const place = producers.waiting.findIndex((each) => each.id === id);
  if (place >= 0) producers.waiting.splice(place, 1);
  if (!producers.connected.delete(id) || producers.connected.size > 0) return null;
  const next = producers.waiting.shift();
  if (next === undefined) return null;
  connect(producers, next);
  return next.id;
}
