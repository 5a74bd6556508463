/** Machine lap: what one message costs the broker model alone, from its publication to its acknowledgement. */
import { invariant } from '../shared/model/invariant';
import { step } from '../shared/simulator/broker';
import type { BrokerAction } from '../shared/simulator/broker-action';
import type { BrokerInput } from '../shared/simulator/broker-input';
import { PULSAR_DEFAULTS } from '../shared/simulator/broker-settings';
import { type BrokerState, createBroker } from '../shared/simulator/broker-state';

export interface MachineLoad {
  readonly messageCount: number;
  readonly consumerCount: number;
  /** Messages that stand in the topic all the time and that nobody has got yet. */
  readonly backlogCount: number;
}

const TOPIC = 'bench';
const SUBSCRIPTION = 'bench';
const KEY_COUNT = 10_000;
/** Room of each consumer, and what it announces at a time: half of it, as clients do. */
const QUEUE_SIZE = 1_000;
const PAYLOAD = new Uint8Array(300);

/**
 * Messages a second of processor time, so that a busy machine tells the same as an idle one: each is published, handed to
 * one of the Key_Shared consumers and acknowledged, one by one.
 */
export function machineLap(load: MachineLoad): number {
  const machine = new Machine(load.consumerCount);
  for (let index = 0; index < load.backlogCount; index += 1) machine.publish();
  machine.open();
  const started = process.cpuUsage();
  for (let index = 0; index < load.messageCount; index += 1) {
    machine.publish();
    machine.acknowledgeOldest();
  }
  const { user, system } = process.cpuUsage(started);
  return (load.messageCount * 1e6) / (user + system);
}

interface Held {
  readonly consumerId: number;
  readonly position: number;
}

class Machine {
  readonly #state: BrokerState = createBroker(PULSAR_DEFAULTS);
  readonly #keys = Array.from({ length: KEY_COUNT }, (_, index) => `user-${index}`);
  readonly #held: Held[] = [];
  readonly #takenCounts: number[] = [];
  #heldIndex = 0;
  #publishedCount = 0;

  constructor(consumerCount: number) {
    this.#step({ kind: 'create-topic', topic: TOPIC, partitionCount: 0, nowMs: 0 });
    this.#step({ kind: 'create-subscription', topic: TOPIC, subscription: SUBSCRIPTION, nowMs: 0 });
    for (let consumerId = 0; consumerId < consumerCount; consumerId += 1) {
      const place = { topic: TOPIC, subscription: SUBSCRIPTION, nowMs: 0 };
      this.#step({ kind: 'subscribe', ...place, consumerId, type: 'key-shared', consumerName: `c${consumerId}` });
      this.#takenCounts.push(0);
    }
  }

  /** Consumers announce their room. */
  open(): void {
    for (const consumerId of this.#takenCounts.keys()) this.#flow(consumerId, QUEUE_SIZE);
  }

  publish(): void {
    const key = this.#keys[this.#publishedCount % KEY_COUNT] ?? '';
    this.#publishedCount += 1;
    this.#step({ kind: 'publish', topic: TOPIC, message: { key, payload: PAYLOAD, properties: {} }, nowMs: 0 });
  }

  acknowledgeOldest(): void {
    const held = this.#held[this.#heldIndex];
    invariant(held !== undefined, 'a consumer with room holds a message after one was published');
    this.#heldIndex += 1;
    const { consumerId, position } = held;
    this.#step({ kind: 'ack', consumerId, partition: -1, position, nowMs: 0 });
    const taken = (this.#takenCounts[consumerId] ?? 0) + 1;
    this.#takenCounts[consumerId] = taken % (QUEUE_SIZE / 2);
    if (taken === QUEUE_SIZE / 2) this.#flow(consumerId, taken);
  }

  #flow(consumerId: number, permits: number): void {
    this.#step({ kind: 'flow', consumerId, partition: -1, permits, nowMs: 0 });
  }

  #step(input: BrokerInput): void {
    for (const action of step(this.#state, input)) this.#take(action);
  }

  #take(action: BrokerAction): void {
    if (action.kind !== 'deliver') return;
    const { consumerId, delivery } = action;
    this.#held.push({ consumerId, position: Number(delivery.messageId.split(':', 2)[1]) });
  }
}
