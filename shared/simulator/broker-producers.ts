/**
 * Requests of producers: they come, publish and leave. A producer belongs to every partition of its topic, or to none. One
 * that was cut off is not told: it learns so from the answer to what it sends, as in Pulsar.
 */
import { invariant } from '../model/invariant';
import type { BrokerAction } from './broker-action';
import type { BrokerInput } from './broker-input';
import { type BrokerState, topicNotFound } from './broker-state';
import type { PartitionState } from './partition';
import { findTopic, type TopicState } from './topic';
import {
  admitProducer,
  fenceOut,
  type ProducerAdmission,
  type ProducerRefusal,
  removeProducer,
} from './topic-producers';

type CreateProducer = Extract<BrokerInput, { kind: 'create-producer' }>;

/** A producer that comes back under its id takes its own place. */
export function createProducer(state: BrokerState, input: CreateProducer, actions: BrokerAction[]): void {
  const topic = findTopic(state.topics, input.topic);
  if (topic === undefined) {
    actions.push(topicNotFound(input.topic));
    return;
  }
  leaveProducer(state, input.producerId, actions);
  const fallout: BrokerAction[] = [];
  const waitingIn = new Set<number>();
  for (const partition of topic.partitions) {
    const admission = admit(state, partition, input, fallout);
    if (admission.kind === 'waits') waitingIn.add(partition.partition);
    if (admission.kind !== 'refused') continue;
    for (const { partition: number } of topic.partitions) remove(state, topic, number, input.producerId, fallout);
    const { code, problem } = admission.refusal;
    actions.push({ kind: 'refused', code, details: { problem } }, ...fallout);
    return;
  }
  state.producers.set(input.producerId, { topic: input.topic, name: input.producerName, waitingIn });
  const answer = waitingIn.size === 0 ? created(state, topic, input) : ({ kind: 'producer-waits' } as const);
  actions.push(answer, ...fallout);
}

function admit(
  state: BrokerState,
  { producers, topic, partition }: PartitionState,
  { producerId, producerName, accessMode = 'shared', epochs }: CreateProducer,
  actions: BrokerAction[],
): ProducerAdmission {
  const newcomer = { id: producerId, name: producerName, accessMode, epoch: epochs?.get(partition) ?? null };
  for (const id of fenceOut(producers, newcomer).waiters) {
    actions.push(fenced(id, { code: 'PRODUCER_FENCED', problem: 'Fenced out' }));
    leaveProducer(state, id, actions);
  }
  return admitProducer(producers, newcomer, topic);
}

function fenced(producerId: number, { code, problem }: ProducerRefusal): BrokerAction {
  return { kind: 'producer-refused', producerId, code, problem };
}

/** The highest sequence id that any of the partitions stored of the name; where nobody deduplicates, nobody looks. */
function created(
  { settings }: BrokerState,
  { partitions, partitionCount }: TopicState,
  { producerId, producerName }: Pick<CreateProducer, 'producerId' | 'producerName'>,
): BrokerAction {
  const epochs = partitions.flatMap(({ partition, producers }) =>
    producers.epoch === null ? [] : [[partition, producers.epoch] as const],
  );
  const lastSequenceId = Math.max(
    -1,
    ...partitions
      .filter((partition) => (partition.settings ?? settings).deduplicationEnabled)
      .map(({ sequenceIds }) => sequenceIds.get(producerName) ?? -1),
  );
  return { kind: 'producer-created', producerId, epochs: new Map(epochs), lastSequenceId, partitionCount };
}

/** Closed or dead: the broker cannot tell the difference. */
export function leaveProducer(state: BrokerState, producerId: number, actions: BrokerAction[]): void {
  const connection = state.producers.get(producerId);
  const topic = connection && findTopic(state.topics, connection.topic);
  state.producers.delete(producerId);
  for (const { partition } of topic?.partitions ?? [])
    remove(state, topic as TopicState, partition, producerId, actions);
}

function remove(
  state: BrokerState,
  { partitions }: TopicState,
  number: number,
  producerId: number,
  actions: BrokerAction[],
): void {
  const partition = partitions.find((each) => each.partition === number);
  const promotedId = partition === undefined ? null : removeProducer(partition.producers, producerId);
  if (promotedId === null) return;
  const promoted = state.producers.get(promotedId);
  const topic = promoted && findTopic(state.topics, promoted.topic);
  invariant(promoted !== undefined && topic !== undefined, 'who waits for a topic is known to it');
  promoted.waitingIn.delete(number);
  if (promoted.waitingIn.size > 0) return;
  actions.push(created(state, topic, { producerId: promotedId, producerName: promoted.name }));
}

/** Whether the producer may write there. One that was cut off is told now, and connects again. */
export function mayPublish(
  state: BrokerState,
  { producers }: PartitionState,
  producerId: number,
  actions: BrokerAction[],
): boolean {
  if (producers.connected.has(producerId)) return true;
  leaveProducer(state, producerId, actions);
  actions.push({ kind: 'producer-closed', producerId });
  return false;
}

/** Everybody who writes to one of these partitions, or waits to, has to connect again. Nobody is promoted meanwhile. */
export function closeProducers(
  state: BrokerState,
  partitions: readonly PartitionState[],
  actions: BrokerAction[],
): void {
  const ids = partitions.flatMap(({ producers }) => {
    const here = [...producers.connected.keys(), ...producers.waiting.map(({ id }) => id)];
    producers.connected.clear();
    producers.waiting.length = 0;
    return here;
  });
  for (const producerId of [...new Set(ids)].sort((left, right) => left - right)) {
    leaveProducer(state, producerId, actions);
    actions.push({ kind: 'producer-closed', producerId });
  }
}
